"""A study read from its folder: the plan's trials, their records and their predictions."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bench.study.files import read_json
from bench.study.record import Record
from cfce.errors import UserError, unknown_name
from cfce.predictions import Prediction
from cfce.scale import RatingScale

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from bench.comparison.scores import StudyScores
    from bench.comparison.verdict import Verdict


@dataclass(frozen=True, eq=False)
class HeldOut:
    """One part's predictions of one trial, beside the observed levels: ids (n,), levels (n,) uint8, n predictions."""

    part: str
    user: NDArray[Any]
    item: NDArray[Any]
    level: NDArray[np.uint8]
    prediction: Prediction


@dataclass(eq=False)
class Study:
    """A study folder, read. ``settings`` is ``study.json``; ``records`` are the finished trials.

    Those of its plan come first, in plan order (``settings["trial_ids"]``), then the predictions that 'bench add' put
    beside them (``settings["added"]``, also trial ids; a rerun of the plan keeps both them and their variants).
    """

    path: Path
    settings: dict[str, Any]
    records: tuple[Record, ...]

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.path.name

    @cached_property
    def scale(self) -> RatingScale:
        """The scale of the study's ratings."""
        return RatingScale(tuple(self.settings["data"]["scale"]))

    @property
    def evaluation_part(self) -> str:
        """The part that claims are made on: test, or valid under a protocol without test."""
        return "test" if self.settings["data"]["n_test"] else "valid"

    @property
    def ok(self) -> tuple[Record, ...]:
        """The records with status ``ok``."""
        return tuple(record for record in self.records if record.status == "ok")

    def predictions(self, record: Record) -> dict[str, HeldOut]:
        """A finished trial's predictions by part (``'valid'``, ``'test'``); read from disk each time: any size fits."""
        from bench.study.prediction_file import read_predictions

        return read_predictions(self.path / "predictions" / f"{record.trial_id}.parquet", self.scale)

    @cached_property
    def scores(self) -> "StudyScores":
        """What one pass over the predictions leaves: made when first asked for, and kept."""
        from bench.comparison.scores import StudyScores

        return StudyScores.of(self)

    @property
    def trials(self) -> "pd.DataFrame":
        """One row a trial, with the columns of ``results.csv``."""
        return self.scores.results

    def compare(self, a: str, b: str, metric: str = "normalized_rmse", margins: Mapping[str, float] | None = None) -> "Verdict":
        """The verdict on variant a against variant b on one score; ``print(study.compare("ce", "regression").text)``."""
        from bench.comparison.verdict import compare

        return compare(self.scores, a, b, metric, margins)

    def plot_learning_rates(self) -> "Figure":
        """Scores by learning rate, a dot a seed."""
        from bench.report import chart_data, figures

        return figures.rates(chart_data.chart_data(self.scores))

    def plot_learning_curves(self) -> "Figure":
        """Losses by epoch, a panel a variant."""
        from bench.report import chart_data, figures

        return figures.learning_curves(chart_data.chart_data(self.scores))

    def plot_reliability(self) -> "Figure":
        """How often the cumulative events came against how often they were predicted."""
        from bench.report import chart_data, figures

        return figures.reliability(chart_data.chart_data(self.scores))

    def plot_confusion(self, variant: str) -> "Figure":
        """Which level was predicted for which: counts and row percentages of one variant."""
        from bench.report import chart_data, figures

        charts = chart_data.chart_data(self.scores)
        for one in charts.confusions:
            if one.configuration == variant:
                return figures.confusion(one, charts.labels)
        raise unknown_name("variant", variant, [one.configuration for one in charts.confusions])

    def _repr_html_(self) -> str:
        """A study in a notebook: what it is, and its trials by status."""
        data, counts = self.settings["data"], Counter(record.status for record in self.records)
        planned = len(self.settings["trial_ids"])
        told = ", ".join(f"{n} {status}" for status, n in counts.items()) or "none finished"
        rows = {
            "study": self.name,
            "data": f"{data['dataset']}, {data['protocol']}",
            "variants": ", ".join(self.settings["variants"]),
            "trials": f"{told}, of {planned} planned",
        }
        body = "".join(f"<tr><th>{escape(name)}</th><td>{escape(str(text))}</td></tr>" for name, text in rows.items())
        return f"<table>{body}</table>"


def load_study(path: str | Path) -> Study:
    """The study in a folder; ``UserError`` where there is none or its ``study.json`` is torn."""
    path = Path(path)
    try:
        settings = read_json(path / "study.json")
    except FileNotFoundError:
        raise UserError(
            f"'{path}' holds no study (no study.json); pass a folder that 'bench run' wrote, such as reports/default"
        ) from None
    except ValueError as error:
        raise UserError(f"'{path / 'study.json'}' cannot be read: {error}; restore it, or run into another folder") from error
    records = []
    for trial_id in dict.fromkeys([*settings["trial_ids"], *settings.get("added", [])]):
        try:
            records.append(Record.from_json(read_json(path / "trials" / f"{trial_id}.json")))
        except (FileNotFoundError, ValueError):
            continue  # not trained yet, or torn: 'bench run' trains it again
    return Study(path, settings, tuple(records))
