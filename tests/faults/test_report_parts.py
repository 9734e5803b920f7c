"""A section, a figure or a step of the statistics that raises: the others are written, and the report says why."""

import shutil

import pytest

from bench.cli import run_cli

KIND = "parts of a report that fail"
SECTIONS = (
    "bench.report.sections.scores.leaderboard",
    "bench.report.sections.behaviour.confusion",
    "bench.report.sections.verdicts.verdict",
    "bench.report.sections.provenance.data",
)
FIGURES = ("confusion", "learning_curves", "reliability", "rates")


@pytest.fixture
def copy(trained, tmp_path):
    return shutil.copytree(trained, tmp_path / "study", ignore=shutil.ignore_patterns("report*", "figures", "*.csv"))


def raises(*anything, **named):
    raise ZeroDivisionError("no \x1b[31msuch thing")


def reported(copy, kind, capsys):
    code = run_cli(["report", str(copy)])
    told = capsys.readouterr().err
    kind.expect(code == 1 and "\x1b" not in told, (code, told))
    kind.expect("could not be made: ZeroDivisionError: no \\x1b[31msuch thing" in told, told)
    kind.expect({"report.md", "report.html", "results.csv", "verdicts.csv"} <= {path.name for path in copy.iterdir()}, told)
    return (copy / "report.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("place", SECTIONS)
def test_a_section_says_in_its_place_why_it_is_missing(copy, undrawn, kind, capsys, monkeypatch, place):
    def fails(*anything, **named):
        return raises()

    fails.__name__ = place.rpartition(".")[2]
    monkeypatch.setattr(place, fails)
    report = reported(copy, kind, capsys)
    kind.expect(f"## Not made: {fails.__name__}" in report, report[:500])
    kind.expect(report.count("\n## ") > 8, "the other sections")


@pytest.mark.parametrize("figure", FIGURES)
def test_a_figure_is_left_out_and_the_others_are_drawn(copy, kind, capsys, monkeypatch, figure):
    monkeypatch.setattr(f"bench.report.figures.{figure}", raises)
    reported(copy, kind, capsys)
    kind.expect(len(list((copy / "figures").iterdir())) >= 2, "the other figures")


def test_statistics_that_fail_take_no_scores(copy, undrawn, kind, capsys, monkeypatch):
    monkeypatch.setattr("bench.comparison.compare.compare_all", raises)
    report = reported(copy, kind, capsys)
    kind.expect("| ce " in report, "scores")
