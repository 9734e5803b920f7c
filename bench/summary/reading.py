"""What a summary takes from a study: its verdicts on one score, as ``verdicts.csv`` has them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.comparison.configurations import ensemble_name
from bench.study.study import Study, load_study
from cfce.errors import UserError, unknown_name
from cfce.text import short

Z95 = 1.959964
COLUMNS = {
    **dict.fromkeys(("protocol", "metric", "part", "a", "b", "verdict"), "str"),
    **dict.fromkeys(("difference", "low", "high", "score_a", "score_b"), "float"),
}
"""What is read of ``verdicts.csv``, and its type."""
ENSEMBLE = ensemble_name("")
"""How the name of a seed ensemble ends."""


@dataclass(frozen=True)
class Compared:
    """The verdict of one study on a pair, a minus b."""

    difference: float
    error: float
    """The standard error that the width of the interval stands for; NaN where it has none."""
    verdict: str


@dataclass(frozen=True, eq=False)
class Result:
    """One study: a dataset's scores and verdicts."""

    name: str
    """Of the dataset; with the study's name where two studies are of data of one name."""
    path: Path
    study: Study
    part: str
    scores: dict[str, float]
    """Variant to its score on the part that claims are made on, at what valid chose; of single trainings."""
    compared: dict[tuple[str, str], Compared]
    """(a, b) to the verdict, both ways round."""


def read_results(paths: Sequence[Path], metric: str) -> tuple[str, list[Result]]:
    """The protocol and the results of studies.

    Raises ``UserError`` for fewer than two studies, those of different protocols, two of the same data, and one without
    verdicts on the score.
    """
    if len(paths) < 2:
        raise UserError(f"{len(paths)} study came; a summary is of two studies or more, each of other data")
    studies = [load_study(path) for path in paths]
    protocols = {study.protocols[0] for study in studies}
    if len(protocols) > 1:
        told = ", ".join(f"'{study.path}' of {study.protocols[0]}" for study in studies)
        raise UserError(f"studies of different protocols came, which claim different things: {told}; summarise those of one")
    (protocol,) = protocols
    seen: dict[str, Path] = {}
    for study in studies:
        fingerprint = study.settings["data"]["fingerprint"]
        if fingerprint in seen:
            raise UserError(
                f"'{seen[fingerprint]}' and '{study.path}' are of the same data, which would count twice; leave one out"
            )
        seen[fingerprint] = study.path
    names = [study.settings["data"]["dataset"] for study in studies]
    return protocol, [
        _result(study, name if names.count(name) == 1 else f"{name} ({study.name})", protocol, metric)
        for study, name in zip(studies, names, strict=True)
    ]


def _result(study: Study, name: str, protocol: str, metric: str) -> Result:
    import pandas as pd

    file = study.path / "verdicts.csv"
    if not file.exists():
        raise UserError(f"'{study.path}' has no verdicts.csv; bench report {study.path} writes it")
    try:
        table = pd.read_csv(file, usecols=list(COLUMNS), dtype=COLUMNS)
    except ValueError as why:  # of pandas' own too: what is no CSV, lacks a column, or has text in place of a number
        raise UserError(f"'{file}' cannot be read ({short(why)}); bench report {study.path} writes it anew") from why
    found = table[(table["metric"] == metric) & (table["protocol"] == protocol)]
    if found.empty:
        known = sorted(set(table["metric"].dropna()))
        raise unknown_name(f"score of '{file}'", metric, known) if known else UserError(f"'{file}' has no verdicts")
    scores: dict[str, float] = {}
    compared: dict[tuple[str, str], Compared] = {}
    numbers = found[["difference", "low", "high", "score_a", "score_b"]].to_numpy(dtype=float).tolist()
    for (a, b, verdict), (difference, low, high, score_a, score_b) in zip(
        found[["a", "b", "verdict"]].astype(str).to_numpy().tolist(), numbers, strict=True
    ):
        a, b = a.removeprefix("'"), b.removeprefix("'")
        if a.endswith(ENSEMBLE) or b.endswith(ENSEMBLE):
            continue  # compared among themselves alone
        scores.setdefault(a, score_a)
        scores.setdefault(b, score_b)
        error = (high - low) / (2 * Z95)
        compared[a, b] = Compared(difference, error, verdict)
        compared[b, a] = Compared(-difference, error, {"better": "worse", "worse": "better"}.get(verdict, verdict))
    return Result(name, study.path, study, str(found.iloc[0]["part"]), scores, compared)


def in_all(results: Sequence[Result]) -> list[str]:
    """The variants that every study has a score of, in the order of the first.

    Raises ``UserError`` for fewer than two.
    """
    common = [name for name in results[0].scores if all(name in one.scores for one in results)]
    if len(common) < 2:
        told = "; ".join(f"{one.name}: {', '.join(one.scores)}" for one in results)
        raise UserError(f"the studies have {len(common)} variants in common, and a comparison needs two ({told})")
    return common
