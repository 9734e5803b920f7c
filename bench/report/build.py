"""The report of a study as values: every number is computed here, once."""

from collections.abc import Sequence

from bench.comparison.scores import StudyScores
from bench.comparison.verdict import Verdict
from bench.report.chart_data import ChartData
from bench.report.content import Report, Section
from bench.report.page_charts import page_charts
from bench.report.sections import behaviour, provenance
from bench.report.sections import scores as score_sections
from bench.report.sections import verdicts as verdict_sections
from bench.report.sections.behaviour import Images
from bench.report.sections.published import published


def build_report(
    scores: StudyScores,
    verdicts: Sequence[Verdict],
    of_ensembles: Sequence[Verdict],
    charts: ChartData,
    images: Images,
    others: Sequence[str] = (),
    further: Sequence[Section] = (),
) -> Report:
    """The sections of a report in the order in which a reader needs them: the verdict first, provenance last.

    ``others`` are the files of the reports of other protocols; ``further`` are sections after the first verdicts.
    """
    settings = scores.study.settings
    found = (
        verdict_sections.verdict(scores, verdicts, others),
        score_sections.leaderboard(scores),
        score_sections.best_of_each(scores),
        *further,
        verdict_sections.pairs(scores, verdicts),
        verdict_sections.ensembles(scores, of_ensembles),
        score_sections.skills(scores),
        behaviour.learning_rates(charts, images),
        behaviour.confusion(charts, images),
        behaviour.calibration(charts, images),
        score_sections.decoder_grid(scores),
        behaviour.learning_curves(charts, images),
        verdict_sections.variance(scores),
        behaviour.timing(scores),
        published(scores),
        provenance.variants(scores),
        provenance.failures(scores),
        provenance.data(scores),
        provenance.provenance(scores),
    )
    data = settings["data"]
    return Report(
        title=f"Study {settings['name']}",
        subtitle=(
            f"Ratings learnt by regression and as classes: {data['dataset']}, protocol {', '.join(scores.study.protocols)}, "
            f"{len(scores.study.ok)} finished trials; claims on {scores.study.evaluation_part}."
        ),
        sections=tuple(section for section in found if section is not None),
        charts=page_charts(scores, charts),
    )
