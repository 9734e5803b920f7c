"""Write the report of a study into its folder: two tables as CSV, Markdown, figures and a page, from the study alone."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench.study.study import Study
from cfce.files import write_whole

if TYPE_CHECKING:
    import pandas as pd

    from bench.comparison.verdict import Verdict


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


def write_report(study: Study, primary: str | None = None, reference: str | None = None) -> None:
    """Write the whole report; each file is whole or absent, and the predictions are read once.

    A study of several protocols has a report for each; ``results.csv`` and ``verdicts.csv`` hold them all. ``primary``
    (``A,B:SCORE``) and ``reference`` stand in place of what the study's plans declare.
    """
    import pandas as pd

    from bench.comparison.scores import check_has_trials
    from bench.report.results_csv import results_csv
    from bench.report.verdicts_csv import verdicts_csv

    check_has_trials(study)
    flags = (primary, reference)
    found = {protocol: _write_protocol(study, protocol, place, flags) for protocol, place in places(study).items()}
    tables = [table for table, _ in found.values()]
    write_whole(study.path / "results.csv", results_csv(pd.concat(tables) if len(tables) > 1 else tables[0]))
    write_whole(study.path / "verdicts.csv", verdicts_csv({protocol: verdicts for protocol, (_, verdicts) in found.items()}))


def _write_protocol(
    study: Study, protocol: str, place: Place, flags: tuple[str | None, str | None]
) -> "tuple[pd.DataFrame, list[Verdict]]":
    """Write the report of one protocol; gives its results and its verdicts."""
    from bench.comparison.compare import compare_all
    from bench.comparison.declared import declared_by_flags, declared_in
    from bench.comparison.scores import StudyScores
    from bench.comparison.user_bootstrap import UserBootstrap
    from bench.report.build import build_report
    from bench.report.chart_data import chart_data
    from bench.report.figures import write_figures
    from bench.report.markdown import report_markdown
    from bench.report.page import report_page

    scores = StudyScores.of(study.under(protocol))
    declared = declared_by_flags(
        *flags, declared_in(scores.study.plans, scores.names), scores.names
    )  # or it raises, before anything is written
    charts = chart_data(scores)
    images = write_figures(study.path / place.figures, charts, Path(place.figures).name if place.figures != "figures" else "")
    bootstrap = UserBootstrap(scores)
    verdicts = compare_all(scores, bootstrap=bootstrap, declared=declared)
    of_ensembles = compare_all(scores, scores.ensemble_configurations, bootstrap=bootstrap, declared=declared)
    others = tuple(f"{other.stem}.md" for name, other in places(study).items() if name != protocol)
    report = build_report(scores, verdicts, of_ensembles, charts, images, others, declared)
    write_whole(study.path / f"{place.stem}.md", report_markdown(report).encode())
    write_whole(study.path / f"{place.stem}.html", report_page(report).encode())
    return scores.results, [*verdicts, *of_ensembles]
