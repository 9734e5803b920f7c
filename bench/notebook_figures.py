"""The figures of a study's report, each by a method of the study, as a notebook shows them."""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from bench.comparison.compare import compare_all
from bench.comparison.costs import FEWEST, WORTH, offers
from bench.comparison.declared import declared_in
from bench.comparison.gains import gains_of, pair_of
from bench.comparison.scores import StudyScores
from bench.comparison.user_bootstrap import UserBootstrap
from bench.comparison.verdict import Verdict
from bench.report import chart_data, figures
from bench.report.chart_data import ChartData
from bench.report.cost_figure import cost_figure
from bench.report.forest import forest_of
from bench.report.forest_svg import READS, forest_svg
from bench.report.sections.gains import gains_figure
from bench.report.tuning import figures as of_tuning
from bench.study import Study as StoredStudy
from bench.tuning.expected_best import expected_best_curve
from bench.tuning.history import History, histories_of
from bench.tuning.judged import compared
from cfce.errors import UserError, unknown_name

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Drawing(str):
    """SVG text that a notebook shows as its picture."""

    def _repr_svg_(self) -> str:
        return str(self)


class DrawnStudy(StoredStudy):
    """A study with what its figures are drawn from: the protocol of the last plan."""

    @cached_property
    def scores(self) -> StudyScores:
        """What one pass over the predictions leaves, of the protocol of the last plan: see ``under`` for another; kept.

        Of a tuned study these are the chosen settings, and not those of the search.
        """
        return StudyScores.of(compared(self.under(self.protocols[0]) if len(self.protocols) > 1 else self))

    @cached_property
    def _bootstrap(self) -> UserBootstrap:
        return UserBootstrap(self.scores)

    @cached_property
    def _single_verdicts(self) -> list[Verdict]:
        return compare_all(self.scores, bootstrap=self._bootstrap)

    @cached_property
    def charts(self) -> ChartData:
        """The numbers that the figures draw; kept."""
        return chart_data.chart_data(self.scores)

    @cached_property
    def _histories(self) -> list[History]:
        return histories_of(self.under(self.protocols[0]) if len(self.protocols) > 1 else self)

    def plot_answer(self) -> Drawing:
        """The differences that answer, with their intervals and regions of equivalence, as SVG text."""
        forest = forest_of(self.scores, self._single_verdicts)
        if forest is None:
            raise _nothing("pair with an interval")
        return Drawing(forest_svg(forest, READS))

    def plot_gains(self, a: str | None = None, b: str | None = None, metric: str = "nll") -> "Figure":
        """Where a is better than b on a score that is a mean loss: by users' activity, items' popularity and observed rating.

        Without names those of the report: the primary comparison, else the best of two families by NLL. Raises ``UserError`` for
        an unknown name, and where the two share no fit or the score is of no single rating.
        """
        if a is None or b is None:
            pair = pair_of(self.scores, declared_in(self.scores.study.plans, self.scores.names))
            if pair is None:
                raise _nothing("two families to compare")
            a, b, metric = pair
        for name in (a, b):
            if name not in self.scores.configurations:
                raise unknown_name("variant", name, list(self.scores.configurations))
        found = gains_of(self.scores, a, b, metric)
        if found is None:
            raise _nothing(f"{metric} of single ratings that '{a}' and '{b}' share")
        return _drawn(lambda: gains_figure(found))

    def plot_cost(self) -> "Figure":
        """Scores by the seconds of a fit, with a line through the variants that no other beats in both.

        Raises ``UserError`` where there are few trained variants, trials ran on several machines, or their seconds are alike.
        """
        found = offers(self.scores)
        if not found and self.scores.study.ok:
            raise UserError(
                f"the seconds of this study's fits are not set against scores: that takes {FEWEST} trained variants or more on "
                f"one machine, the slowest {WORTH:g} times as slow as the fastest"
            )
        return _drawn(lambda: cost_figure(found), "seconds of fits to set against scores", there=bool(found))

    def plot_learning_rates(self) -> "Figure":
        """Scores by learning rate, a dot a seed."""
        return _drawn(lambda: figures.rates(self.charts), "trained variant", there=bool(self.charts.dots))

    def plot_learning_curves(self) -> "Figure":
        """Losses by epoch, a panel a variant."""
        return _drawn(lambda: figures.learning_curves(self.charts), "losses by epoch", there=bool(self.charts.curves))

    def plot_reliability(self) -> "Figure":
        """How often the cumulative events came against how often they were predicted."""
        return _drawn(lambda: figures.reliability(self.charts), "finished trial", there=bool(self.charts.reliabilities))

    def plot_confusion(self, variant: str, learning_rate: float | None = None) -> "Figure":
        """Which level was predicted for which: counts and row percentages of one variant.

        At the learning rate that valid chooses for accuracy, or at ``learning_rate``. Raises ``UserError`` for an unknown
        variant, or a rate that it was not trained at.
        """
        found = [one for one in self.charts.confusions if one.configuration == variant]
        if not found:
            raise unknown_name("variant", variant, list(dict.fromkeys(one.configuration for one in self.charts.confusions)))
        if learning_rate is None:
            wanted = [one for one in found if one.chosen] or found
        else:
            wanted = [one for one in found if one.learning_rate == learning_rate]
            if not wanted:
                raise unknown_name("learning rate", f"{learning_rate:g}", [f"{one.learning_rate:g}" for one in found])
        return _drawn(lambda: figures.confusion(wanted[0], self.charts.labels))

    def plot_budget(self) -> "Figure":
        """Of a tuned study: the score on valid that the best of n settings is expected to have, by settings and by seconds."""
        losses = [np.array([one.terms.loss(float(score)) for score in one.scores()]) for one in self._histories]
        curves = [expected_best_curve(one) for one in losses]
        return _drawn(lambda: of_tuning.budget_figure(self._histories, curves), "search", there=bool(self._histories))

    def plot_settings(self, variant: str | None = None) -> "Figure":
        """Of a tuned study: every setting as a line across the options; of one variant, its score by each option."""
        if variant is None:
            return _drawn(lambda: of_tuning.parallel(self._histories), "search", there=bool(self._histories))
        found = {one.variant: one for one in self._histories}
        if variant not in found:
            raise unknown_name("tuned variant", variant, list(found))
        return _drawn(lambda: of_tuning.slices(found[variant]))


def _drawn(draw: "Callable[[], Figure]", what: str = "", *, there: bool = True) -> "Figure":
    """A figure in the type of the report's; ``UserError`` where the study has nothing to draw."""
    import matplotlib as mpl

    if not there:
        raise _nothing(what)
    with mpl.rc_context(figures.TEXT):
        return draw()


def _nothing(what: str) -> UserError:
    return UserError(f"the study has no {what} yet, so there is nothing to draw; run it first")
