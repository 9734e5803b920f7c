"""What the site makes of the code: pages, links, tables, docstrings; and the commands of its how-to pages."""

import re
import shlex
import sys
from pathlib import Path

import pandas as pd
import pytest

from bench.cli import run_cli
from bench.cli.app import COMMANDS
from cfce.metrics import METRICS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
sys.path.insert(0, str(DOCS))

from site_parts import docstrings, pages, tables  # type: ignore[import-not-found]  # noqa: E402 - found by the line above


def relinked(text: str) -> str:
    return str(pages.relinked(text, Path("CONTRIBUTING.md"), "project/contributing.md", DOCS))


def test_a_link_between_files_becomes_one_between_pages() -> None:
    assert relinked("[a](docs/architecture.md#parts)") == "[a](../architecture.md#parts)"
    assert relinked("[a](CHANGELOG.md)") == "[a](changelog.md)"
    assert relinked("![a](reports/ml-100k/growth.png)") == "![a](../../reports/ml-100k/growth.png)"


def test_a_link_to_a_file_that_is_no_page_stays_as_its_text_and_code_is_left_alone() -> None:
    assert relinked("[the code](bench/notebook.py)") == "the code"
    assert relinked("`[x](nowhere)` and https://a.b") == "`[x](nowhere)` and https://a.b"


def test_a_link_to_what_is_not_there_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"CONTRIBUTING.md links to docs/nowhere.md"):
        relinked("[a](docs/nowhere.md)")


def test_every_link_of_every_page_of_the_docs_is_there() -> None:
    for path in DOCS.rglob("*.md"):
        if path.relative_to(DOCS).parts[0] not in ("project", "reference", "_build"):
            pages.relinked(path.read_text(encoding="utf-8"), path.relative_to(ROOT), path.relative_to(DOCS).as_posix(), DOCS)


def test_the_page_of_commands_has_every_command_with_its_flags() -> None:
    text = pages.commands_page()
    assert re.findall(r"^### bench (\S+)", text, re.M) == [name for name, _, _ in COMMANDS]
    assert "| `--resume`, `--no-resume` |" in text
    assert "| `--preset` | quick, default or blog: the plan before other flags. | `default` |" in text


def test_the_page_of_scores_has_every_metric_with_its_margin_and_the_formula_of_its_code() -> None:
    text = pages.metrics_page()
    assert re.findall(r"^## (.+)$", text, re.M) == [metric.label for metric in METRICS.values()]
    assert "column `test_nll`, lower is better, margin 0.005, in the verdicts" in text
    assert "Epstein (1969)" in text


def test_a_table_of_an_explanation_is_computed_from_the_committed_rows() -> None:
    rows = pd.read_csv(ROOT / "reports/ml-100k/results.csv")
    at = rows[(rows["variant"] == "ce") & (rows["learning_rate"] == 0.03) & (rows["status"] == "ok")]["test_nll"]
    expected = f"| `ce` | 0.03 | {len(at)} | {at.mean():.4f} ± {at.std():.4f} | {at.min():.4f} | {at.max():.4f} |"
    assert expected in tables.filled("<!-- table: lottery -->", ROOT / "reports")


def test_every_mark_of_the_explanations_has_a_table_and_their_prose_has_no_figure_of_its_own() -> None:
    """Decimals in the prose would be measured by nobody; options and constants of the model stand in code."""
    for path in (DOCS / "explanation").glob("*.md"):
        text = path.read_text(encoding="utf-8")
        assert "| ---" in tables.filled(text, ROOT / "reports") or "<!-- table" not in text
        assert re.findall(r"\d\.\d", re.sub(r"`[^`]*`|version \S+", "", text)) == []


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["a *b* c|d_ `x` ``y*``"], [r"a \*b\* c\|d\_ ``x`` ``y*``"]),
        (["So:", "", "    a * b", "    c", "", "Then."], ["So:", "", "::", "", "    a * b", "    c", "", "Then."]),
        ([">>> 2 * 3", "6"], [">>> 2 * 3", "6"]),
        (["List:", "- one", "  more", "- two"], ["List:", "", "- one", "  more", "- two"]),
    ],
)
def test_a_docstring_is_plain_text_with_code_blocks_and_doctests(lines: list[str], expected: list[str]) -> None:
    assert docstrings.as_rst(lines) == expected


@pytest.mark.parametrize("page", ["your-own-objective", "gpu", "notebook", "trackers"])
def test_the_files_commands_and_lines_of_a_how_to_page_work(
    page: str, undrawn: None, fits_here: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A Python block is the file that the line before it names, or is run; commands end with exit code 0."""
    monkeypatch.chdir(tmp_path)
    text = (DOCS / f"how-to/{page}.md").read_text(encoding="utf-8")
    space: dict[str, object] = {}
    done = 0
    for before, kind, content in re.findall(r"([^\n]*)\n+```(\w+)\n(.*?)```", text, re.S):
        named = re.search(r"`(\w+\.py)`:$", before)
        if kind == "sh":
            for line in content.splitlines():
                program, *arguments = shlex.split(line)
                assert program == "bench"
                assert run_cli(arguments) == 0, capsys.readouterr().err
                done += 1
        elif named:
            Path(named[1]).write_text(content)
        else:
            exec(compile(content, page, "exec"), space)
            done += 1
    assert done >= 2
