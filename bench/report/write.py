"""Write the report of a study into its folder: two tables as CSV, Markdown, figures and a page, from the study alone."""

from bench.study.study import Study
from cfce.files import write_whole


def write_report(study: Study) -> None:
    """Write the whole report; each file is whole or absent, and the predictions are read once."""
    from bench.comparison.compare import compare_all
    from bench.comparison.scores import StudyScores
    from bench.comparison.user_bootstrap import UserBootstrap
    from bench.report.build import build_report
    from bench.report.chart_data import chart_data
    from bench.report.figures import write_figures
    from bench.report.markdown import report_markdown
    from bench.report.page import report_page
    from bench.report.results_csv import results_csv
    from bench.report.verdicts_csv import verdicts_csv

    scores = StudyScores.of(study)
    write_whole(study.path / "results.csv", results_csv(scores.results))
    charts = chart_data(scores)
    images = write_figures(study.path / "figures", charts)
    bootstrap = UserBootstrap(scores)
    verdicts = compare_all(scores, bootstrap=bootstrap)
    of_ensembles = compare_all(scores, scores.ensemble_configurations, bootstrap=bootstrap)
    write_whole(study.path / "verdicts.csv", verdicts_csv([*verdicts, *of_ensembles]))
    report = build_report(scores, verdicts, of_ensembles, charts, images)
    write_whole(study.path / "report.md", report_markdown(report).encode())
    write_whole(study.path / "report.html", report_page(report).encode())
