"""Tables of the explanations, each computed from the committed rows of a study when the site is built."""

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd

MARK = re.compile(r"<!-- table: (?P<name>[a-z-]+) -->")


def filled(text: str, reports: Path) -> str:
    """The text with the table behind each mark ``<!-- table: NAME -->``; ``KeyError`` for a name that there is not."""
    return MARK.sub(lambda found: found[0] + "\n\n" + TABLES[found["name"]](reports), text)


def _rows(reports: Path, study: str) -> pd.DataFrame:
    rows = pd.read_csv(reports / study / "results.csv")
    return rows[rows["status"] == "ok"]


def _table(head: list[str], rows: list[list[str]], source: str) -> str:
    lines = [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]
    return "\n".join(lines) + f"\n\nComputed from `{source}` when this page was made: mean ± standard deviation over trials.\n"


def _spread(values: pd.Series, digits: int = 4) -> str:
    deviation = values.std()
    return f"{values.mean():.{digits}f}" + ("" if pd.isna(deviation) else f" ± {deviation:.{digits}f}")


def _rate(value: float) -> str:
    return "–" if pd.isna(value) else f"{value:g}"


def accuracy(reports: Path) -> str:
    """Every variant and rate: rounded accuracy beside that of the mode, RMSE and NLL."""
    scores = {"accuracy": "test_accuracy", "accuracy of the mode": "test_mode_accuracy", "RMSE": "test_rmse", "NLL": "test_nll"}
    rows = [
        [f"`{variant}`", _rate(rate), str(len(found)), *(_spread(found[column]) for column in scores.values())]
        for (variant, rate), found in _rows(reports, "ml-100k").groupby(["variant", "learning_rate"], dropna=False, sort=False)
    ]
    return _table(["variant", "learning rate", "n", *scores], rows, "reports/ml-100k/results.csv")


def lottery(reports: Path) -> str:
    """The NLL of every variant with a learning rate: its mean, and the best and the worst single training."""
    rows = [
        [f"`{variant}`", _rate(rate), str(len(found)), *_ends(found["test_nll"])]
        for (variant, rate), found in _rows(reports, "ml-100k").groupby(["variant", "learning_rate"], sort=False)
    ]
    return _table(["variant", "learning rate", "n", "NLL", "best", "worst"], rows, "reports/ml-100k/results.csv")


def _ends(values: pd.Series) -> list[str]:
    return [_spread(values), f"{values.min():.4f}", f"{values.max():.4f}"]


SAMPLER_SCORES = ("normalized_rmse", "accuracy")


def sampler(reports: Path) -> str:
    """Every variant and rate of the published comparison, by sampler: normalized RMSE and accuracy on valid."""
    rows = [
        [f"`{variant}`", _rate(rate), how, str(len(found)), *(_spread(found[f"valid_{name}"]) for name in SAMPLER_SCORES)]
        for (variant, rate, how), found in _rows(reports, "blog").groupby(["variant", "learning_rate", "sampler"], sort=False)
    ]
    return _table(["variant", "learning rate", "sampler", "n", "normalized RMSE", "accuracy"], rows, "reports/blog/results.csv")


def widths(reports: Path) -> str:
    """How wide the intervals of the verdicts are, beside the margins: by score, over the pairs of single trainings."""
    found = pd.read_csv(reports / "ml-100k/verdicts.csv")
    found = found[~found["a"].str.contains("ensemble")]
    rows = [
        [metric, f"{(of['high'] - of['low']).median() / 2:.4f}", f"{of['margin'].iloc[0]:g}", str(len(of))]
        for metric, of in found.groupby("metric", sort=False)
    ]
    head = ["score", "half width of the interval, median", "margin", "pairs"]
    return _table(head, rows, "reports/ml-100k/verdicts.csv").replace(": mean ± standard deviation over trials", "")


TABLES: dict[str, Callable[[Path], str]] = {"accuracy": accuracy, "lottery": lottery, "sampler": sampler, "widths": widths}
"""Every table by its name."""
