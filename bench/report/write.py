"""Write the report of a study into its folder: two tables as CSV, Markdown, figures and a page, from the study alone."""

import contextlib
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
    return {first: _place(), **{name: _place(name) for name in others}}


def _place(protocol: str | None = None) -> Place:
    """The place of another protocol than that of the last plan; without one, the place of that."""
    return Place(f"report-{protocol}", f"figures/{protocol}") if protocol else Place("report", "figures")


def _remove_others(study: Study, current: set[Place]) -> None:
    """Remove the reports of protocols that have no trials any more, and those of which nothing could be made.

    What is called after no protocol is not ours, and stays.
    """
    from cfce.protocols import PROTOCOLS

    stems, figures = {one.stem for one in current}, {one.figures for one in current}
    for place in (_place(), *map(_place, PROTOCOLS)):
        old = [study.path / f"{place.stem}{ending}" for ending in (".md", ".html")] if place.stem not in stems else []
        folder = study.path / place.figures
        drawn = [*folder.glob("*.png"), *folder.glob("*.svg")] if place.figures not in figures else []
        for file in (*old, *drawn):
            file.unlink(missing_ok=True)
        if drawn:
            with contextlib.suppress(OSError):  # something else is there too
                folder.rmdir()


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
    _remove_others(study, {places(study)[protocol] for protocol in found})
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
    for ending, told in ((".md", report_markdown), (".html", report_page)):
        _write_text(study.path / f"{place.stem}{ending}", partial(told, report), guard)
    return scores.results, [*verdicts, *of_ensembles], answer(scores, verdicts)


def _write_text(path: Path, make: Callable[[], str], guard: "Guard") -> None:
    """Write a text; where it cannot be made, the file of an earlier report goes too, so that none is taken for this one."""
    text = guard.attempt(path.name, make, None)
    if text is None:
        path.unlink(missing_ok=True)
    else:
        write_whole(path, text.encode(errors="backslashreplace"))


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
