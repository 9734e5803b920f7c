"""What a notebook shows of a study: tables, verdicts, figures and the study itself."""

import numpy as np
import pandas as pd
import pytest

from bench import Study, load_study
from bench.report import write_report
from bench.study.formats import read_settings, write_settings
from cfce.errors import UserError


@pytest.fixture(scope="module")
def study(make_study, tmp_path_factory) -> Study:
    made = [
        make_study.MadeUp("regression", learning_rate=5e-3, noise=0.1),
        make_study.MadeUp("regression", learning_rate=0.1, noise=0.5, tag=1),
        make_study.MadeUp("ce <b>", "classification", learning_rate=5e-3, noise=0.9, tag=2),
        make_study.MadeUp("constant", "baseline"),
    ]
    return make_study(tmp_path_factory.mktemp("notebook") / "made", made, [(s, s, s) for s in range(4)])


def test_predictions_are_a_table_with_the_stored_values_of_a_trial(study: Study) -> None:
    """Named by the beginning of its id; the rating is that of the level, and probabilities stand where the trial has them."""
    record = next(one for one in study.ok if one.trial.variant == "ce <b>")
    table, parts = study.predictions(record.trial_id[:12]), study.predictions(record)
    assert list(table.columns) == ["part", "user", "item", "rating", "prediction", *(f"p_{k}" for k in range(1, 6))]
    assert table["part"].value_counts(sort=False).to_dict() == {"valid": 400, "test": 400}
    test = table[table["part"] == "test"]
    assert np.array_equal(test["rating"], parts["test"].level + 1.0)
    mean = test[[f"p_{k}" for k in range(1, 6)]].to_numpy() @ np.arange(1, 6)
    assert np.allclose(test["prediction"], mean, atol=1e-5)


def test_predictions_of_points_have_no_probabilities(study: Study) -> None:
    record = next(one for one in study.ok if one.trial.variant == "regression")
    assert list(study.predictions(record.trial_id).columns) == ["part", "user", "item", "rating", "prediction"]


@pytest.mark.parametrize(
    ("trial", "told"), [("nothing", "unknown finished trial 'nothing'"), ("", "begins the ids of 16 trials")]
)
def test_an_id_of_no_trial_or_of_several_is_refused(study: Study, trial: str, told: str) -> None:
    with pytest.raises(UserError, match=told):
        study.predictions(trial)


def test_the_verdicts_are_those_of_compare_and_tell_the_better_made_variant(study: Study) -> None:
    table = study.verdicts
    row = table[(table["metric"] == "normalized_rmse") & (table["a"] == "regression") & (table["b"] == "ce <b>")].iloc[0]
    assert row["text"] == study.compare("regression", "ce <b>").text
    assert row["difference"] < 0
    assert set(table["verdict"]) <= {"better", "worse", "equivalent", "undecided"}


def test_the_verdicts_are_those_of_the_report_with_the_primary_comparison_of_the_plan_first(
    make_study, undrawn, tmp_path
) -> None:
    made = [make_study.MadeUp("regression", noise=0.1), make_study.MadeUp("ce", "classification", noise=0.2, tag=1)]
    path = make_study(tmp_path / "primary", made, [(s, s, s) for s in range(3)]).path
    settings = read_settings(path / "study.json")
    settings["plans"][0]["plan"]["primary"] = "ce,regression:rps"
    write_settings(path / "study.json", settings)
    study = load_study(path)
    write_report(study)
    found, written = study.verdicts, pd.read_csv(path / "verdicts.csv")
    assert found["standing"].tolist() == ["primary"] + ["exploratory"] * (len(found) - 1)
    assert found.loc[0, "metric"] == "rps"
    pd.testing.assert_frame_equal(
        found[["metric", "a", "b", "standing", "text"]], written[["metric", "a", "b", "standing", "text"]]
    )


def test_the_board_has_each_variant_at_the_rate_that_valid_chooses(study: Study) -> None:
    """The regression at 0.1 is noisier, so its row is the mean over the trials at 0.005."""
    at = study.trials[(study.trials["variant"] == "regression") & (study.trials["learning_rate"] == 5e-3)]
    shown = study.board.loc["regression", "NLL"]
    assert [float(one) for one in shown.split(" ± ")] == pytest.approx([at["test_nll"].mean(), at["test_nll"].std()], abs=6e-4)
    assert list(study.board.index) == ["regression", "ce <b>", "constant"]


def test_a_study_shows_its_verdict_its_board_and_its_files_and_escapes_names(study: Study) -> None:
    (study.path / "report.html").write_text("")
    shown = study._repr_html_()
    assert "ce &lt;b&gt;" in shown
    assert "ce <b>" not in shown
    assert "regression is better than ce &lt;b&gt; in normalized RMSE" in shown
    assert study.board.loc["regression", "NLL"] in shown
    assert f'<a href="{(study.path / "report.html").as_posix()}">report.html</a>' in shown
    assert "16 ok, of 16 planned" in shown
    assert "<th>answer</th><td>Regression is better than classification in " in shown


def test_a_study_of_many_predictions_shows_what_it_is_without_reading_them(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.notebook.MOST_READ", 3)
    again = load_study(study.path)
    assert "NLL" not in again._repr_html_()
    assert "scores" not in vars(again)
    assert "regression, ce &lt;b&gt;, constant" in again._repr_html_()


def test_every_figure_of_the_report_is_drawn_and_is_its_own_picture(study: Study) -> None:
    figures = [
        study.plot_learning_rates(),
        study.plot_learning_curves(),
        study.plot_reliability(),
        study.plot_confusion("ce <b>"),
        study.plot_gains(),
        study.plot_gains("regression", "constant", "rps"),
    ]
    assert all(figure._repr_png_().startswith(b"\x89PNG") for figure in figures)


def test_seconds_that_are_alike_are_set_against_nothing(study: Study) -> None:
    with pytest.raises(UserError, match="not set against scores: that takes 3 trained variants or more on one machine"):
        study.plot_cost()


def test_the_answer_is_a_drawing_with_the_pairs_that_answer(study: Study) -> None:
    drawn = study.plot_answer()
    assert drawn._repr_svg_().startswith("<svg")
    assert "ce &lt;b&gt;" in drawn
    assert "constant" not in drawn


def test_gains_of_what_is_not_there_are_refused(study: Study) -> None:
    with pytest.raises(UserError, match="unknown variant 'else'"):
        study.plot_gains("regression", "else")
    with pytest.raises(UserError, match="no qwk of single ratings"):
        study.plot_gains("regression", "constant", "qwk")


def test_a_confusion_is_that_of_the_rate_that_valid_chooses_unless_one_is_named(study: Study) -> None:
    titles = [study.plot_confusion("regression", rate).get_suptitle() for rate in (None, 5e-3, 0.1)]
    assert titles[0] == titles[1] == "regression, learning rate 0.005, 4 trials"
    assert titles[2] == "regression, learning rate 0.1, 4 trials"
    with pytest.raises(UserError, match=r"unknown learning rate '0.2'.*allowed: 0.005, 0.1"):
        study.plot_confusion("regression", 0.2)


def test_a_figure_without_anything_to_draw_is_refused(make_study, tmp_path) -> None:
    bare = make_study(tmp_path / "bare", [make_study.MadeUp("constant", "baseline")])
    with pytest.raises(UserError, match="no trained variant yet"):
        bare.plot_learning_rates()
    with pytest.raises(UserError, match="no search yet"):
        bare.plot_budget()
