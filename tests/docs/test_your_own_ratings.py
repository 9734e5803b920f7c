"""Every file, command and line of Python of the page on ratings of one's own, in their order."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.cli import run_cli

PAGE = Path(__file__).parents[2] / "docs/how-to/your-own-ratings.md"
FENCE = re.compile(r"(?P<before>[^\n]*)\n+```(?P<kind>\w+)\n(?P<content>.*?)```", re.S)


def blocks() -> Iterator[tuple[str, str, str]]:
    """Kind, content and the text before each fenced block."""
    text = PAGE.read_text(encoding="utf-8")
    for found in FENCE.finditer(text):
        paragraph = text[: found.start("kind") - 3].rstrip().rsplit("\n\n", 1)[-1]
        yield found["kind"], found["content"], paragraph


def test_the_page_does_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A text block is the file that the paragraph before it names last, or what the command before it prints."""
    monkeypatch.chdir(tmp_path)
    printed: str | None = None
    commands = 0
    for kind, content, paragraph in blocks():
        if kind == "sh":
            program, *arguments = shlex.split(content)
            assert program == "bench"
            run_cli(arguments)
            came = capsys.readouterr()
            printed, commands = came.err + came.out, commands + 1
        elif kind == "text" and printed is not None:
            assert printed == content, paragraph
            printed = None
        elif kind == "text":
            Path(re.findall(r"`(\w+\.\w+)`", paragraph)[-1]).write_text(content)
        else:
            exec(compile(content, str(PAGE), "exec"), {})
    assert commands == 9
    assert printed is None
