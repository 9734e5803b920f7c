"""A study as a notebook shows and asks it: its tables, verdicts and figures."""

from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from bench.comparison.compare import compare
from bench.comparison.scores import StudyScores
from bench.comparison.verdict import Verdict
from bench.report import chart_data, figures
from bench.study import Study as StoredStudy
from bench.study import load_study as load_stored
from cfce.errors import unknown_name

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


class Study(StoredStudy):
    """A study folder, read, with everything that its report is made of."""

    @cached_property
    def scores(self) -> StudyScores:
        """What one pass over the predictions leaves, of the protocol of the last plan: see ``under`` for another; kept."""
        return StudyScores.of(self.under(self.protocols[0]) if len(self.protocols) > 1 else self)

    @property
    def trials(self) -> "pd.DataFrame":
        """One row a trial, with the columns of ``results.csv``."""
        return self.scores.results

    def compare(self, a: str, b: str, metric: str = "normalized_rmse", margins: Mapping[str, float] | None = None) -> Verdict:
        """The verdict on variant a against variant b on one score; ``print(study.compare("ce", "regression").text)``."""
        return compare(self.scores, a, b, metric, margins)

    def plot_learning_rates(self) -> "Figure":
        """Scores by learning rate, a dot a seed."""
        return figures.rates(chart_data.chart_data(self.scores))

    def plot_learning_curves(self) -> "Figure":
        """Losses by epoch, a panel a variant."""
        return figures.learning_curves(chart_data.chart_data(self.scores))

    def plot_reliability(self) -> "Figure":
        """How often the cumulative events came against how often they were predicted."""
        return figures.reliability(chart_data.chart_data(self.scores))

    def plot_confusion(self, variant: str) -> "Figure":
        """Which level was predicted for which: counts and row percentages of one variant."""
        charts = chart_data.chart_data(self.scores)
        for one in charts.confusions:
            if one.configuration == variant:
                return figures.confusion(one, charts.labels)
        raise unknown_name("variant", variant, [one.configuration for one in charts.confusions])

    def _repr_html_(self) -> str:
        """A study in a notebook: what it is, and its trials by status."""
        data, counts = self.settings["data"], Counter(record.status for record in self.records)
        planned = len(self.trial_ids)
        told = ", ".join(f"{n} {status}" for status, n in counts.items()) or "none finished"
        rows = {
            "study": self.name,
            "data": f"{data['dataset']}, {', '.join(self.protocols)}",
            "variants": ", ".join(self.settings["variants"]),
            "trials": f"{told}, of {planned} planned",
        }
        body = "".join(f"<tr><th>{escape(name)}</th><td>{escape(str(text))}</td></tr>" for name, text in rows.items())
        return f"<table>{body}</table>"


def load_study(path: str | Path) -> Study:
    """The study in a folder; ``UserError`` where there is none or its ``study.json`` is torn."""
    found = load_stored(path)
    return Study(found.path, found.settings, found.records, found.unreadable)
