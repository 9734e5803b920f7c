"""Write the report of a study into its folder: two tables as CSV, Markdown, figures and a page, from the study alone."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.study.study import Study
from cfce.files import write_whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from bench.comparison.verdict import Verdict
    from bench.report.content import Section
    from bench.report.tuning.write import DrawAndSave
    from bench.tuning.history import History


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


def write_report(study: Study) -> None:
    """Write the whole report; each file is whole or absent, and the predictions are read once.

    A study of several protocols has a report for each; ``results.csv`` and ``verdicts.csv`` hold them all.
    """
    import pandas as pd

    from bench.comparison.scores import check_has_trials
    from bench.report.results_csv import results_csv
    from bench.report.verdicts_csv import verdicts_csv

    check_has_trials(study)
    found = {protocol: _write_protocol(study, protocol, place) for protocol, place in places(study).items()}
    tables = [table for table, _ in found.values()]
    write_whole(study.path / "results.csv", results_csv(pd.concat(tables) if len(tables) > 1 else tables[0]))
    write_whole(study.path / "verdicts.csv", verdicts_csv({protocol: verdicts for protocol, (_, verdicts) in found.items()}))


def _write_protocol(study: Study, protocol: str, place: Place) -> "tuple[pd.DataFrame, list[Verdict]]":
    """Write the report of one protocol; gives its results and its verdicts."""
    from bench.comparison.compare import compare_all
    from bench.comparison.scores import StudyScores
    from bench.comparison.user_bootstrap import UserBootstrap
    from bench.report.build import build_report
    from bench.report.chart_data import chart_data
    from bench.report.figures import save_figure, write_figures
    from bench.report.markdown import report_markdown
    from bench.report.page import report_page
    from bench.report.tuning.judged import judged_part
    from bench.report.tuning.write import figure_saver
    from bench.tuning.history import histories_of

    whole = study.under(protocol)
    histories = histories_of(whole)
    scores = StudyScores.of(judged_part(whole, histories) if histories else whole)
    charts = chart_data(scores)
    images = write_figures(study.path / place.figures, charts, Path(place.figures).name if place.figures != "figures" else "")
    bootstrap = UserBootstrap(scores)
    verdicts = compare_all(scores, bootstrap=bootstrap)
    of_ensembles = compare_all(scores, scores.ensemble_configurations, bootstrap=bootstrap)
    others = tuple(f"{other.stem}.md" for name, other in places(study).items() if name != protocol)
    within = Path(place.figures).name if place.figures != "figures" else ""
    saver = figure_saver(study.path / place.figures, within, save_figure)
    further = _tuning(whole, histories, saver) if histories else []
    report = build_report(scores, verdicts, of_ensembles, charts, images, others, further)
    write_whole(study.path / f"{place.stem}.md", report_markdown(report).encode())
    write_whole(study.path / f"{place.stem}.html", report_page(report).encode())
    return scores.results, [*verdicts, *of_ensembles]


def _tuning(study: Study, histories: "Sequence[History]", save: "DrawAndSave") -> "list[Section]":
    """The sections of a tuning, with each chosen setting compared with its defaults; ``settings.csv`` beside the report."""
    from bench.comparison.compare import compare_all, turned
    from bench.comparison.scores import StudyScores
    from bench.report.tuning.judged import against_defaults
    from bench.report.tuning.write import tuning_sections, write_settings_csv

    found: dict[str, list[Verdict]] = {}
    for history in histories:
        pair = against_defaults(study, history)
        verdicts = compare_all(StudyScores.of(pair)) if pair.records else []
        found[history.variant] = [one if one.a == history.variant else turned(one) for one in verdicts]
    write_settings_csv(study.path / "settings.csv", histories)
    return tuning_sections(study, histories, found, save)
