"""What commands of tests leave out where it is not what is tested: the report, drawings, and processes of workers."""

from collections.abc import Iterator
from pathlib import Path
from pkgutil import resolve_name
from typing import Any


def count_records(study: Any, *anything: object, **named: object) -> list[str]:
    """In the place of writing a report: how many records there are, and how many came with their scores."""
    text = f"{len(study.records)} records, {len(study.scored)} of them scored by workers\n"
    (study.path / "report.md").write_text(text)
    return []


def save(path: Path, draw: object, colours: object) -> bytes:
    """In the place of drawing a figure into a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"a figure")
    return b"a figure"


def fit_here(pool: Any, units: list[Any]) -> Iterator[Any]:
    """In the place of fitting units in worker processes: they are fitted in this one, where all is imported already."""
    from bench.harness.fitting import Trainer, load_for

    trainer = Trainer(pool.setup.ratings, pool.report, pool.timeout)
    for unit in units:  # which may grow
        load_for(unit[0])
        yield from trainer.fit(unit)


SUBSTITUTES: dict[str, dict[str, Any]] = {
    "report": {"bench.report.write_report": count_records},
    "drawings": {"bench.report.figures._save": save, "bench.harness.drawing.Drawing._start": lambda drawing: None},
    "workers": {"bench.harness.local.Pool.run": fit_here},
}
"""What is left out, and what stands in its place."""


def leave_out(what: str) -> None:
    """Put the substitutes in their places for the rest of this process."""
    for name, substitute in SUBSTITUTES[what].items():
        place, _, last = name.rpartition(".")
        setattr(resolve_name(place), last, substitute)
