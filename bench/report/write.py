"""Write the report of a study into its folder: two tables as CSV, Markdown, figures and a page, from the study alone."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bench.study.inside import check_inside
from bench.study.study import Study
from cfce.files import write_whole

if TYPE_CHECKING:
    import pandas as pd

    from bench.comparison.declared import Declared
    from bench.comparison.scores import StudyScores
    from bench.comparison.verdict import Verdict
    from bench.report.content import Image, Section
    from bench.report.figures import FigureSaver
    from bench.report.guard import Guard


@dataclass(frozen=True)
class Place:
    """Where the report of one protocol goes, in the folder of the study."""

    stem: str
    """Of the Markdown and the page: ``report``, or ``report-PROTOCOL`` for others than that of the last plan."""
    figures: str
    """The folder of the figures."""


def places(study: Study) -> dict[str, Place]:
    """The report of each protocol: what cannot be compared stands in no common table."""
    first, *others = study.protocols
    return {first: Place("report", "figures"), **{name: Place(f"report-{name}", f"figures/{name}") for name in others}}


def write_report(
    study: Study, primary: str | None = None, reference: str | None = None, tell: Callable[[str], None] | None = None
) -> list[str]:
    """Write the whole report; each file is whole or absent, and the predictions are read once.

    A study of several protocols has a report for each; ``results.csv`` and ``verdicts.csv`` hold them all. ``primary``
    (``A,B:SCORE``) and ``reference`` stand in place of what the study's plans declare, in the report of the last plan's protocol;
    ``UserError`` for those of no configuration. Gives a line for each trial that cannot be read and each part that could not be
    made; everything else is written. ``tell`` is called with the answer of that report, in one sentence.
    """
    import pandas as pd

    from bench.comparison.scores import check_has_trials
    from bench.report.guard import Guard
    from bench.report.results_csv import results_csv
    from bench.report.verdicts_csv import verdicts_csv
    from bench.tuning.entry import entries_of

    check_inside(study.path)
    check_has_trials(study)
    flags = {study.protocols[0]: _checked(study, primary, reference)}
    guard = Guard()
    guard.problems += study.unreadable_lines
    found = {}
    for protocol, place in places(study).items():
        written = guard.attempt(
            f"the report of {protocol}",
            partial(_write_protocol, study, protocol, place, guard, flags.get(protocol, (None, None))),
            None,
        )
        if written is not None:
            found[protocol] = written
            if tell and protocol == study.protocols[0]:
                tell(written[2])
    if found:
        tables = [table for table, _, _ in found.values()]
        write_whole(study.path / "results.csv", results_csv(pd.concat(tables) if len(tables) > 1 else tables[0]))
        verdicts = {protocol: verdicts for protocol, (_, verdicts, _) in found.items()}
        write_whole(study.path / "verdicts.csv", verdicts_csv(verdicts))
        if not entries_of(study.settings):
            (study.path / "settings.csv").unlink(missing_ok=True)  # of searches that are gone
    return guard.problems


def _checked(study: Study, primary: str | None, reference: str | None) -> tuple[str | None, str | None]:
    """The flags, or ``UserError`` before anything is written."""
    from bench.comparison.configurations import configurations_of, ensemble_name
    from bench.comparison.declared import Declared, declared_by_flags

    found = configurations_of(study.under(study.protocols[0]).records, study.settings["variants"])
    of_ensembles = [ensemble_name(one) for one in found if ensemble_name(one) in f"{primary} {reference}"]
    declared_by_flags(primary, reference, Declared(), [*found, *of_ensembles])
    return primary, reference


def _write_protocol(
    study: Study, protocol: str, place: Place, guard: "Guard", flags: tuple[str | None, str | None]
) -> "tuple[pd.DataFrame, list[Verdict], str]":
    """Write the report of one protocol; gives its results, its verdicts and its answer in one sentence."""
    from bench.comparison.compare import compare_all
    from bench.comparison.declared import declared_by_flags, declared_in
    from bench.comparison.scores import StudyScores
    from bench.comparison.user_bootstrap import UserBootstrap
    from bench.report.answer import answer
    from bench.report.build import build_report
    from bench.report.chart_data import chart_data
    from bench.report.figures import FigureSaver, write_figures
    from bench.report.forest_svg import write_forest
    from bench.report.markdown import report_markdown
    from bench.report.page import report_page
    from bench.tuning.history import histories_of
    from bench.tuning.judged import compared

    whole = study.under(protocol)
    scores = StudyScores.of(compared(whole))
    declared = declared_by_flags(*flags, declared_in(scores.study.plans, scores.names), scores.names)
    guard.problems += scores.problem_lines
    charts = chart_data(scores)
    within = Path(place.figures).name if place.figures != "figures" else ""
    images = write_figures(study.path / place.figures, charts, within, guard)
    bootstrap = UserBootstrap(scores)
    none: list[Verdict] = []
    verdicts = guard.attempt("the verdicts", partial(compare_all, scores, bootstrap=bootstrap, declared=declared), none)
    ensembles = partial(compare_all, scores, scores.ensemble_configurations, bootstrap=bootstrap, declared=declared)
    of_ensembles = guard.attempt("the verdicts of ensembles", ensembles, none)
    others = tuple(f"{other.stem}.md" for name, other in places(study).items() if name != protocol)
    undrawn: dict[str, list[Image]] = {}
    images |= guard.attempt("the figure answer.svg", partial(write_forest, study.path, place.figures, scores, verdicts), undrawn)
    saver = FigureSaver(study.path / place.figures, within, guard)
    histories = histories_of(whole)
    further: list[Callable[[], Section | None]] = []
    if histories:
        from bench.report.tuning.write import tuning_sections

        further += tuning_sections(whole, histories, saver)
    further.append(partial(quality_against_seconds, scores, saver))
    further.append(partial(who_gains, scores, declared, saver))
    report = build_report(scores, verdicts, of_ensembles, charts, images, others, guard, declared, further)
    write_whole(study.path / f"{place.stem}.md", report_markdown(report).encode(errors="backslashreplace"))
    write_whole(study.path / f"{place.stem}.html", report_page(report).encode(errors="backslashreplace"))
    return scores.results, [*verdicts, *of_ensembles], answer(scores, verdicts)


def quality_against_seconds(scores: "StudyScores", saver: "FigureSaver") -> "Section | None":
    """The section on what the seconds of a fit buy; None where they cannot be compared, or are alike."""
    from bench.comparison.costs import offers
    from bench.report.cost_figure import cost_figure
    from bench.report.sections.cost import cost

    found = offers(scores)
    if not found:
        return None
    alt = "Scores by the seconds of a fit: a numbered mark for each variant, and a line through those that no other beats in both"
    return cost(found, scores.study.evaluation_part, saver.save("cost", alt, partial(cost_figure, found)))


def who_gains(scores: "StudyScores", declared: "Declared", saver: "FigureSaver") -> "Section | None":
    """The section on the primary pair's gains by groups of ratings; None where there is no pair."""
    from bench.comparison.gains import gains_of, pair_of
    from bench.report.sections.gains import gains, gains_figure

    pair = pair_of(scores, declared)
    found = None if pair is None else gains_of(scores, *pair)
    if found is None:
        return None
    alt = f"The difference between {found.a} and {found.b} by {', '.join(found.groups)}"
    return gains(found, scores.study.evaluation_part, saver.save("gains", alt, partial(gains_figure, found)))
