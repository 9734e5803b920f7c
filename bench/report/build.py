"""The report of a study as values: every number is computed here, once."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from bench.comparison.declared import Declared
from bench.comparison.scores import StudyScores
from bench.comparison.verdict import Verdict
from bench.report.chart_data import ChartData
from bench.report.content import Report, Section
from bench.report.guard import Guard
from bench.report.page_charts import page_charts
from bench.report.sections import answer as answer_sections
from bench.report.sections import behaviour, provenance
from bench.report.sections import pairs as pair_sections
from bench.report.sections import scores as score_sections
from bench.report.sections import verdicts as verdict_sections
from bench.report.sections.behaviour import Images
from bench.report.sections.best import best_of_each
from bench.report.sections.published import published
from bench.report.sections.variance import variance
from cfce.text import listed, short


def build_report(
    scores: StudyScores,
    verdicts: Sequence[Verdict],
    of_ensembles: Sequence[Verdict],
    charts: ChartData,
    images: Images,
    others: Sequence[str] = (),
    guard: Guard | None = None,
    declared: Declared | None = None,
    further: Sequence[Callable[[], Section | None]] = (),
) -> Report:
    """The sections of a report in the order in which a reader needs them: the answer first, provenance last.

    ``others`` are the files of the reports of other protocols; ``guard`` keeps what could not be made; ``declared`` is what the
    verdicts were declared to be; ``further`` make sections after the scores.
    """
    guard = guard or Guard()
    settings = scores.study.settings
    makers: tuple[Callable[[], Section | None], ...] = (
        partial(answer_sections.answered, scores, verdicts, images.get("answer", ()), others),
        partial(answer_sections.changes, scores, verdicts),
        partial(verdict_sections.verdict, scores, verdicts, declared),
        partial(score_sections.leaderboard, scores),
        partial(best_of_each, scores),
        *further,
        partial(provenance.without_predictions, scores),
        partial(pair_sections.pairs, scores, verdicts),
        partial(pair_sections.ensembles, scores, of_ensembles),
        partial(score_sections.skills, scores),
        partial(behaviour.learning_rates, charts, images),
        partial(behaviour.confusion, charts, images),
        partial(behaviour.calibration, charts, images),
        partial(score_sections.decoder_grid, scores),
        partial(behaviour.learning_curves, charts, images),
        partial(variance, scores),
        partial(behaviour.timing, scores),
        partial(published, scores),
        partial(provenance.variants, scores),
        partial(provenance.failures, scores),
        partial(provenance.data, scores),
        partial(provenance.provenance, scores),
    )
    found = [guard.section(make) for make in makers]
    data = settings["data"]
    return Report(
        title=f"Study {short(settings['name'])}",
        subtitle=(
            f"{_learnt(scores)}: {data['dataset']}, protocol {', '.join(scores.study.protocols)}, "
            f"{sum(one.status == 'ok' for one in scores.study.distinct)} finished trials; "
            f"claims on {scores.study.evaluation_part}."
        ),
        sections=tuple(replace(one, tables=tuple(table.told for table in one.tables)) for one in found if one is not None),
        charts=guard.attempt("the charts of the page", partial(page_charts, scores, charts), {}),
    )


WAYS = {"regression": "by regression", "classification": "as classes", "ordinal": "as ordered classes"}
"""How the families learn ratings."""


def _learnt(scores: StudyScores) -> str:
    """How ratings were learnt: by the families that are there."""
    there = {configuration.family for configuration in scores.configurations.values()}
    ways = [way for family, way in WAYS.items() if family in there]
    return f"Ratings learnt {listed(ways)}" if ways else "Ratings predicted by baselines"
