"""A study as a notebook shows and asks it: its tables, verdicts and figures."""

from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, overload

from bench.comparison.choice import trials_at
from bench.comparison.compare import compare, compare_all
from bench.comparison.margin import verdict_metrics
from bench.comparison.verdict import Verdict
from bench.notebook_figures import DrawnStudy
from bench.notebook_html import study_html
from bench.report import chart_data
from bench.report.answer import answer
from bench.report.numbers import NONE, Spread, plus_minus
from bench.report.sections.verdicts import verdict as verdict_section
from bench.report.verdicts_csv import verdicts_frame
from bench.study import HeldOut, Record
from bench.study import load_study as load_stored
from cfce.errors import UserError, unknown_name
from cfce.metrics import METRICS

if TYPE_CHECKING:
    import pandas as pd

MOST_READ = 500
"""Predictions that showing a study reads without being asked for more."""


class Study(DrawnStudy):
    """A study folder, read, with everything that its report is made of.

    Tables, verdicts and figures are of the protocol of the last plan; ``study.under(protocol)`` is the same study of another.
    """

    @property
    def trials(self) -> "pd.DataFrame":
        """One row a trial, with the columns of ``results.csv``."""
        return self.scores.results

    @property
    def ensembles(self) -> "pd.DataFrame":
        """One row a seed ensemble: configuration, learning rate, split, how many trials, and its scores; may be empty."""
        return self.scores.ensemble_results

    @property
    def verdicts(self) -> "pd.DataFrame":
        """One row a pair and score, with the columns of ``verdicts.csv``: single trainings first, then seed ensembles."""
        return verdicts_frame({self.protocols[0]: self._verdicts})

    @cached_property
    def _verdicts(self) -> tuple[Verdict, ...]:
        ensembles = compare_all(self.scores, self.scores.ensemble_configurations, bootstrap=self._bootstrap)
        return (*self._single_verdicts, *ensembles)

    def compare(self, a: str, b: str, metric: str = "normalized_rmse", margins: Mapping[str, float] | None = None) -> Verdict:
        """The verdict on variant a against variant b on one score; ``print(study.compare("ce", "regression").text)``."""
        return compare(self.scores, a, b, metric, margins)

    @overload
    def predictions(self, trial: Record) -> dict[str, HeldOut]: ...

    @overload
    def predictions(self, trial: str) -> "pd.DataFrame": ...

    def predictions(self, trial: Record | str) -> "dict[str, HeldOut] | pd.DataFrame":
        """A trial's predictions, one row a held-out rating: part, user, item, rating, prediction and ``p_<rating>``.

        ``trial`` is a trial's id, as in ``study.trials``, or the first of its digits where they tell it from every other. A
        ``Record`` gives arrays by part, as reports read them. Raises ``UserError`` for an id that is not of a finished trial.
        """
        if isinstance(trial, Record):
            return super().predictions(trial)
        return self._table_of(super().predictions(self._record(trial)))

    def _record(self, trial: str) -> Record:
        found = [record for record in self.ok if record.trial_id.startswith(trial)]
        if len(found) > 1:
            raise UserError(f"'{trial}' begins the ids of {len(found)} trials; give more of its digits, see study.trials")
        if not found:
            raise unknown_name("finished trial", trial, [record.trial_id for record in self.ok])
        return found[0]

    def _table_of(self, parts: Mapping[str, HeldOut]) -> "pd.DataFrame":
        import pandas as pd

        tables = []
        for held in parts.values():
            columns = {"part": held.part, "user": held.user, "item": held.item, "rating": self.scale.array[held.level]}
            columns["prediction"] = held.prediction.decode("mean")
            if held.prediction.probabilities is not None:
                for level in range(self.scale.n_levels):
                    columns[f"p_{self.scale.label(level)}"] = held.prediction.probabilities[:, level]
            tables.append(pd.DataFrame(columns))
        return pd.concat(tables, ignore_index=True)

    def _repr_html_(self) -> str:
        """A study in a notebook: what it is, its verdict, the score of each variant and where its report lies.

        Of a study that is not read yet and holds more than ``MOST_READ`` predictions only what it is: reading them takes a while.
        """
        data, counts = self.settings["data"], Counter(record.status for record in self.records)
        ended = ", ".join(f"{n} {status}" for status, n in counts.items()) or "none finished"
        facts = {
            "study": self.name,
            "data": f"{data['dataset']}, {data['n_ratings']:,} ratings, {', '.join(self.protocols)}",
            "trials": f"{ended}, of {len(self.trial_ids)} planned",
        }
        files = [file for name in ("report.html", "report.md", "results.csv") if (file := self.path / name).exists()]
        if not self.ok or ("scores" not in self.__dict__ and len(self.ok) > MOST_READ):
            facts["variants"] = ", ".join(self.settings["variants"])
            return study_html(facts, [], [], [], files)
        facts["answer"] = answer(self.scores, self._single_verdicts)
        section = verdict_section(self.scores, self._single_verdicts)
        board = self.board
        rows = [[str(cell) for cell in row] for row in board.reset_index().itertuples(index=False)]
        told = [] if section is None else [*section.sentences, *(text for _, texts in section.groups for text in texts)]
        return study_html(facts, told, ["", *board.columns], rows, files)

    @property
    def board(self) -> "pd.DataFrame":
        """One row a variant and one column a score of the verdicts: mean ± standard deviation over trials, as text.

        Each at the learning rate that valid chooses for that score; a variant without a finished trial has no row.
        """
        import pandas as pd

        scores, part = self.scores, self.evaluation_part
        rows: dict[str, dict[str, str]] = {}
        for name in verdict_metrics(METRICS):
            metric = METRICS[name]
            for configuration in scores.configurations.values():
                rate = chart_data.chosen_rate(scores, configuration, metric)
                if rate is not None:
                    ids = trials_at(scores, configuration, rate, metric)
                    spread = Spread.of(scores.score(one, part, name) for one in ids)
                    rows.setdefault(configuration.name, {})[metric.label] = plus_minus(spread)
        return pd.DataFrame.from_dict(rows, orient="index").fillna(NONE)


def load_study(path: str | Path) -> Study:
    """The study in a folder; ``UserError`` where there is none or its ``study.json`` is torn."""
    found = load_stored(path)
    return Study(found.path, found.settings, found.records, found.unreadable)
