"""What the report sets beside the seconds of a fit: which variants no other one beats in both, and when there is no picture."""

from dataclasses import replace

import pytest

from bench.comparison.costs import Offer, offers
from bench.comparison.scores import StudyScores
from bench.report.cost_figure import cost_figure
from bench.report.figures import FigureSaver
from bench.report.guard import Guard
from bench.report.sections.cost import cost
from bench.report.write import quality_against_seconds
from bench.study import Study

VARIANTS = {
    # name: family, noise of its points (more is worse), seconds of its three fits
    "quick": ("regression", 0.5, (1.0, 7.0, 9.0)),
    "wasteful": ("classification", 0.8, (5.0, 5.0, 5.0)),
    "outside": ("regression", 0.1, (40.0, 30.0, 31.0)),
    "bias": ("baseline", 1.2, (0.1, 0.1, 0.1)),
}


def timed(study: Study, seconds: dict[str, tuple[float, ...]], **environment: object) -> StudyScores:
    """The study with other seconds, and with one more plan where another environment is given."""
    records = tuple(
        replace(
            one,
            fit_seconds=seconds[one.trial.variant][one.trial.split],
            timed="process" if one.trial.variant == "outside" else "fit",
        )
        for one in study.records
    )
    plans = study.plans
    if environment:
        plans = [*plans, {**plans[0], "environment": {**plans[0]["environment"], **environment}}]
    return StudyScores.of(Study(study.path, {**study.settings, "plans": plans}, records))


@pytest.fixture(scope="module")
def study(make_study, tmp_path_factory):
    made = [make_study.MadeUp(name, family, noise=noise) for name, (family, noise, _) in VARIANTS.items()]
    return make_study(tmp_path_factory.mktemp("cost"), made, [(one, one, one) for one in range(3)])


@pytest.fixture(scope="module")
def scores(study):
    return timed(study, {name: seconds for name, (_, _, seconds) in VARIANTS.items()})


def test_the_seconds_are_those_of_the_fastest_fit_and_the_score_is_the_mean_of_all(scores):
    found = {one.configuration: one for one in offers(scores)["rmse"]}
    assert {name: one.seconds for name, one in found.items()} == {"bias": 0.1, "quick": 1.0, "wasteful": 5.0, "outside": 30.0}
    rows = scores.results
    for name, one in found.items():
        assert one.score == pytest.approx(rows[rows.variant == name].test_rmse.mean(), abs=1e-12)
        assert one.n == 3


def test_on_the_front_is_what_is_faster_or_better_than_every_other(scores):
    for name in ("rmse", "nll"):
        on_front = [one.configuration for one in offers(scores)[name] if one.on_front]
        assert on_front == ["bias", "quick", "outside"], "wasteful is slower than quick, and worse"


def test_there_is_no_picture_where_seconds_are_alike_or_of_two_machines(study, scores):
    alike = {name: (1.0 + 0.1 * at,) * 3 for at, name in enumerate(VARIANTS)}
    assert offers(timed(study, alike)) == {}
    seconds = {name: times for name, (_, _, times) in VARIANTS.items()}
    assert offers(timed(study, seconds, cores=2))
    assert offers(timed(study, seconds, cpu="another")) == {}


def test_an_axis_within_a_decade_has_plain_numbers_and_no_other_labels(study):
    seconds = {name: (time,) * 3 for name, time in zip(VARIANTS, (4.0, 9.0, 25.0, 5.0), strict=True)}
    figure = cost_figure(offers(timed(study, seconds)))
    figure.canvas.draw()
    for panel in figure.axes[:2]:
        low, high = panel.get_xlim()
        labels = {at: one.get_text() for at, one in zip(panel.get_xticks(), panel.get_xticklabels(), strict=True)}
        assert [text for at, text in labels.items() if low <= at <= high] == ["5", "10", "20"]
        assert not any(one.get_text() for one in panel.get_xticklabels(minor=True))


def test_the_section_numbers_what_the_figure_shows_and_marks_seconds_of_whole_processes(scores, tmp_path):
    (tmp_path / "figures").mkdir()
    guard = Guard()
    section = quality_against_seconds(scores, FigureSaver(tmp_path / "figures", "", guard))
    assert not guard.problems
    assert [image.file for image in section.images] == ["cost.png"]
    (table,) = section.tables
    rows = [[cell.text for cell in row] for row in table.rows]
    assert [row[:2] for row in rows] == [["1", "bias"], ["2", "quick"], ["3", "wasteful"], ["4", "outside"]]
    assert [row[3] for row in rows] == ["0.100", "1.00", "5.00", "30.0*"]
    assert [row[4] for row in rows] == ["yes", "yes", "", "yes"]
    assert section.items[0].startswith("On the front in RMSE: bias (")
    assert "wasteful" not in section.items[0]
    assert any("whole process" in sentence for sentence in section.sentences)
    assert section.sentences[-1].startswith(
        "Seconds are uncertain: the slowest fit of quick took 9.0 times as long as its fastest"
    )


def test_even_seconds_are_not_called_uncertain(study):
    seconds = {name: (time, 1.4 * time, 2.9 * time) for name, time in zip(VARIANTS, (1.0, 2.0, 3.0, 0.1), strict=True)}
    found = offers(timed(study, seconds))
    assert not any("uncertain" in sentence for sentence in cost(found, "test", ()).sentences)


def test_a_baseline_far_off_stands_at_the_edge_as_an_arrow_and_the_axis_of_seconds_holds_it():
    """Scores of 1.0 and 1.2 leave an axis of 0.988 to 1.212: a score of 9 is held 3 % of it below its top."""
    of = (("a", "regression", 1.0, 1.2), ("b", "ordinal", 3.0, 1.0), ("far", "baseline", 0.001, 9.0))
    figure = cost_figure({"rmse": tuple(Offer(*one, n=1, whole_process=False, spread=1.0, on_front=True) for one in of)})
    panel = figure.axes[0]
    low, high = panel.get_xlim()
    assert low < 0.001 < 3.0 < high
    marks = {tuple(one.get_offsets()[0]): one.get_label() for one in panel.collections}
    assert {seconds: label for (seconds, _), label in marks.items()} == {
        1.0: "regression",
        3.0: "ordinal",
        0.001: "beyond the axis",
    }
    assert dict(marks.keys())[0.001] == pytest.approx(1.212 - 0.03 * 0.224)
    assert sorted(one.get_text() for one in panel.texts) == ["1", "2", "3"], "each has its number"
