"""Faults done for real, and counted: how many of each kind were tried, and how many held."""

import os
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
PATIENCE = float(os.environ.get("FAULTS_PATIENCE", 200))
"""Seconds to wait for a command: one that takes this long hangs, unless the machine is very busy."""
collect_ignore = ["misbehaving.py"]
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""What must never reach a terminal from outside."""
TINY = (
    "--dataset",
    "synthetic-1000",
    "--epochs",
    "1",
    "--factors",
    "2",
    "--learning-rates",
    "0.01",
    "--seeds",
    "2",
    "--jobs",
    "1",
)


def pytest_collection_modifyitems(config, items):
    """The marker must be asked for: without '-m', the marked tests are left out."""
    if not config.getoption("markexpr"):
        chosen = [item for item in items if item.get_closest_marker("faults") is None]
        config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
        items[:] = chosen


@dataclass
class Tally:
    """The faults of all kinds that were tried in this session."""

    tried: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    held: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    failed: list[str] = field(default_factory=list)


TALLY = Tally()


class Kind:
    """One kind of fault, by the words of the table in ``docs/reliability.md``."""

    def __init__(self, name: str) -> None:
        self.name = name

    def expect(self, held: object, what: str) -> None:
        """One fault was tried; the test fails where it did not hold."""
        TALLY.tried[self.name] += 1
        TALLY.held[self.name] += bool(held)
        assert held, what


@pytest.fixture(scope="module")
def kind(request: pytest.FixtureRequest) -> Kind:
    """The module's ``KIND``."""
    return Kind(request.module.KIND)


@dataclass(frozen=True)
class Ended:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The one line on stderr; the test fails where there are more."""
        (line,) = self.err.strip().splitlines()
        return line

    @property
    def is_clean(self) -> bool:
        """No traceback, and nothing that a terminal would obey."""
        return "Traceback" not in self.err + self.out and not CONTROLS.search(self.out + self.err)


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of the commands: a data cache of their own."""
    home = os.environ.get("PYTHONPATH")
    paths = os.pathsep.join([str(ROOT), *([home] if home else [])])
    cache = str(tmp_path_factory.mktemp("cache"))
    return {**os.environ, "CFCE_CACHE": cache, "COLUMNS": "300", "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}


@pytest.fixture(scope="session")
def bench(environment: dict[str, str], warm: Any) -> Callable[..., Ended]:
    """``bench(*arguments, cwd=..., before=..., drawn=..., **environment)`` runs the command in a process of its own.

    It is started as a user starts it where something is done before, or a variable given that is read while Python starts.
    Else it draws figures and diagrams only where ``drawn``.
    """

    def run(
        *arguments: object,
        cwd: Path | None = None,
        before: Callable[[], None] | None = None,
        drawn: bool = False,
        **extra: str,
    ) -> Ended:
        if before is None and extra.keys() <= {"FAULT"}:
            ended = warm.run(arguments, environment | extra, cwd, () if drawn else ("drawings",), PATIENCE)
            return Ended(ended.returncode, ended.stdout, ended.stderr)
        done = subprocess.run(
            [sys.executable, "-m", "bench", *map(os.fsencode, map(str, arguments))],
            capture_output=True,
            env=environment | extra,
            cwd=cwd,
            timeout=PATIENCE,
            preexec_fn=before,
        )
        return Ended(done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace"))

    return run


@pytest.fixture(scope="session")
def trained(environment: dict[str, str], warm: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small study that the command trained, with its report, without drawings."""
    folder = tmp_path_factory.mktemp("trained") / "study"
    arguments = ["run", *TINY, "--variants", "regression,ce", "--out", str(folder)]
    warm.run(arguments, environment, without=("drawings", "workers"), timeout=PATIENCE).check_returncode()
    return folder


@pytest.fixture(scope="session")
def tiny() -> tuple[str, ...]:
    """The flags of a run that takes no time."""
    return TINY


@pytest.fixture(scope="session", autouse=True)
def _write_table() -> Iterator[None]:
    """Where ``FAULTS_TABLE`` names a file, the counts go between its marks."""
    yield
    path = os.environ.get("FAULTS_TABLE")
    if path:
        page = Path(path)
        rows = [f"| {name} | {TALLY.tried[name]:,} | {TALLY.held[name]:,} |" for name in sorted(TALLY.tried)]
        total = f"| **all** | **{sum(TALLY.tried.values()):,}** | **{sum(TALLY.held.values()):,}** |"
        table = "\n".join(["| kind | tried | held |", "|---|--:|--:|", *rows, total])
        marks = re.compile(r"(<!-- counts -->\n).*?(\n<!-- /counts -->)", re.S)
        page.write_text(marks.sub(lambda found: found[1] + table + found[2], page.read_text(encoding="utf-8")), encoding="utf-8")
