from dataclasses import replace

import numpy as np
import pytest

from bench.comparison.results import columns
from bench.comparison.scores import StudyScores
from bench.statistics import at_temperature, fit_temperature
from bench.study import load_study
from bench.study.files import sha256_of
from bench.study.formats import write_record
from cfce.metrics import METRICS, fit_sigma, nll, normal_over_levels

ISSUED = (  # as the columns were promised, word for word
    "trial_id, variant, engine, device, seed, learning_rate, epochs, batch_size, weight_decay, n_factors, sampler, dataset, "
    "protocol, status, reason, train_loss, valid_loss, valid_rmse, valid_normalized_rmse, valid_mae, valid_accuracy, "
    "valid_normalized_accuracy, test_rmse, test_normalized_rmse, test_mae, test_accuracy, test_normalized_accuracy, "
    "fit_seconds, seconds_per_epoch, ratings_per_second, peak_memory_mb, valid_nll, valid_rps, valid_brier, valid_qwk, "
    "valid_calibration_error, valid_mode_rmse, valid_median_mae, valid_skill_rmse, valid_skill_accuracy, valid_skill_nll, "
    "test_nll, test_rps, test_brier, test_qwk, test_calibration_error, test_mode_rmse, test_median_mae, test_skill_rmse, "
    "test_skill_accuracy, test_skill_nll, split, order"
)


@pytest.fixture(scope="module")
def study(make_study, tmp_path_factory):
    made = make_study.MadeUp
    return make_study(
        tmp_path_factory.mktemp("study"),
        [
            made("constant", "baseline"),
            made("regression"),
            made("ce", "classification", tag=1),
            made("ce", "classification", 0.1, status="diverged", tag=1),
        ],
        [(0, 0, 0), (0, 1, 1), (1, 0, 0)],
    )


@pytest.fixture(scope="module")
def scores(study):
    return StudyScores.of(study)


def _row(frame, variant, split=0, seed=0, rate=5e-3):
    keep = (frame.variant == variant) & (frame.split == split) & (frame.seed == seed)
    keep &= frame.learning_rate.isna() if variant == "constant" else frame.learning_rate == rate
    (row,) = frame[keep].to_dict("records")
    return row


def test_the_table_has_the_columns_that_were_promised_in_their_order(study):
    frame = StudyScores.of(study).results
    promised = [*ISSUED.split(", "), "valid_mode_accuracy", "test_mode_accuracy"]
    since = ("fcp", "ndcg_10", "raw_nll", "raw_rps", "raw_brier", "raw_calibration_error")
    later = [*(f"{part}_{name}" for part in ("valid", "test") for name in since), "timed"]
    assert list(columns()) == [*promised, *later]
    assert list(frame.columns) == [*promised, *later, "optimizer", "regularization", "rate_decay"], "further options follow"
    assert frame.trial_id.tolist() == study.trial_ids


def test_scores_are_those_of_the_predictions_on_disk(study, scores):
    for record in study.ok:
        row = scores.results.set_index("trial_id").loc[record.trial_id]
        for part, held in study.predictions(record).items():
            ratings = held.level + 1.0
            error = held.prediction.decode("mean") - ratings
            assert row[f"{part}_rmse"] == pytest.approx(np.sqrt((error**2).mean()))
            assert row[f"{part}_normalized_rmse"] == pytest.approx(np.sqrt((error**2).mean()) / 4)
            assert row[f"{part}_mae"] == pytest.approx(np.abs(error).mean())
            level = "mean" if held.prediction.probabilities is None else "mode"
            assert row[f"{part}_accuracy"] == pytest.approx((held.prediction.levels(level) == held.level).mean())


def test_the_accuracy_of_the_mode_reads_the_most_probable_level_of_a_regression_too(study, scores):
    record = next(one for one in study.ok if one.trial.variant == "regression")
    held = study.predictions(record)["test"]
    mass = normal_over_levels(held.prediction.points, scores.sigmas[record.trial_id], study.scale)
    row = scores.results.set_index("trial_id").loc[record.trial_id]
    assert row["test_mode_accuracy"] == pytest.approx((mass.argmax(axis=1) == held.level).mean())
    assert row["test_mode_accuracy"] != row["test_accuracy"]


def test_a_regressions_sigma_is_fitted_on_valid_and_judges_test(study, scores):
    record = next(one for one in study.ok if one.trial.variant == "regression")
    held = study.predictions(record)
    sigma = fit_sigma(held["valid"].prediction.points, held["valid"].level, study.scale)
    assert scores.sigmas[record.trial_id] == pytest.approx(sigma)
    expected = nll(normal_over_levels(held["test"].prediction.points, sigma, study.scale), held["test"].level)
    assert scores.score(record.trial_id, "test", "nll") == pytest.approx(expected, rel=1e-5)


def test_a_classifiers_temperature_is_fitted_on_valid_and_judges_test(study, scores):
    record = next(one for one in study.ok if one.trial.variant == "ce")
    held = study.predictions(record)
    temperature = fit_temperature(held["valid"].prediction.probabilities, held["valid"].level)
    assert scores.temperatures[record.trial_id] == temperature
    mass, level = held["test"].prediction.probabilities, held["test"].level
    assert scores.score(record.trial_id, "test", "nll") == pytest.approx(nll(at_temperature(mass, temperature), level), rel=1e-5)
    assert scores.score(record.trial_id, "test", "raw_nll") == pytest.approx(nll(mass, level), rel=1e-5)
    expected = np.sqrt(np.mean((mass @ np.arange(1.0, 6.0) - (level + 1.0)) ** 2))
    assert scores.score(record.trial_id, "test", "rmse") == pytest.approx(expected, rel=1e-5)  # of the mean as predicted


def test_a_regression_has_its_parameter_already(study, scores):
    record = next(one for one in study.ok if one.trial.variant == "regression")
    assert record.trial_id not in scores.temperatures
    assert scores.score(record.trial_id, "test", "nll") == scores.score(record.trial_id, "test", "raw_nll")


def test_skill_is_measured_from_the_constant_of_the_same_split(scores):
    frame = scores.results
    row, constant = _row(frame, "ce", split=1), _row(frame, "constant", split=1)
    assert row["test_skill_rmse"] == pytest.approx(1 - row["test_rmse"] / constant["test_rmse"])
    assert row["valid_skill_nll"] == pytest.approx(1 - row["valid_nll"] / constant["valid_nll"])
    gained = (row["test_accuracy"] - constant["test_accuracy"]) / (1 - constant["test_accuracy"])
    assert row["test_skill_accuracy"] == pytest.approx(gained)
    assert constant["test_skill_rmse"] == 0
    against = scores.against("regression").set_index("trial_id")
    regression = _row(frame, "regression", split=1)
    assert against.loc[row["trial_id"], "test_skill_nll"] == pytest.approx(1 - row["test_nll"] / regression["test_nll"])


def test_a_diverged_trial_is_a_row_with_its_reason_and_blank_scores(scores):
    row = _row(scores.results, "ce", rate=0.1)
    assert (row["status"], row["reason"]) == ("diverged", "the train loss of epoch 2 is nan")
    assert np.isnan([row[name] for name in columns() if name.startswith(("valid_", "test_")) and name != "valid_loss"]).all()


def test_costs_are_by_epoch_and_by_training_rating(scores):
    row = _row(scores.results, "ce")
    assert (row["train_loss"], row["valid_loss"]) == (1.0, 0.9)
    assert (row["fit_seconds"], row["seconds_per_epoch"]) == (0.5, 0.25)
    assert row["ratings_per_second"] == 3200 * 2 / 0.5


def test_each_prediction_file_is_read_once(study, monkeypatch):
    read = []
    original = type(study).predictions
    monkeypatch.setattr(type(study), "predictions", lambda self, record: read.append(record.trial_id) or original(self, record))
    scores = StudyScores.of(study)
    assert scores.results is scores.results
    assert len(scores.ensemble_results) == 3
    assert sorted(read) == sorted(record.trial_id for record in study.ok)


def test_an_ensemble_is_the_mean_distribution_of_trials_that_share_a_split(study, scores):
    (one,) = [ensemble for ensemble in scores.ensembles if ensemble.configuration == "ce"]
    assert (one.split, one.n, one.learning_rate) == (0, 2, 5e-3)
    members = [record for record in study.ok if record.trial.variant == "ce" and record.trial.split == 0]
    held = [study.predictions(record)["test"] for record in members]
    mean = np.mean([one.prediction.probabilities for one in held], axis=0)
    assert scores.score(one.id, "test", "raw_nll") == pytest.approx(nll(mean, held[0].level), rel=1e-5)
    calibrated = at_temperature(mean, scores.temperatures[one.id])
    assert scores.score(one.id, "test", "nll") == pytest.approx(nll(calibrated, held[0].level), rel=1e-5)
    row = scores.ensemble_results.set_index("configuration").loc["ce"]
    assert row["test_nll"] < scores.results[lambda frame: (frame.variant == "ce") & (frame.split == 0)].test_nll.mean()


def test_an_ensemble_of_regressions_is_the_mean_of_their_points(study, scores):
    (one,) = [ensemble for ensemble in scores.ensembles if ensemble.configuration == "regression"]
    members = [record for record in study.ok if record.trial.variant == "regression" and record.trial.split == 0]
    held = [study.predictions(record)["test"] for record in members]
    points = np.mean([one.prediction.points for one in held], axis=0)
    error = points - (held[0].level + 1)
    assert scores.score(one.id, "test", "rmse") == pytest.approx(np.sqrt((error**2).mean()), rel=1e-5)


def test_sums_over_users_add_up_to_the_score(study, scores):
    record = study.ok[1]
    users = scores.users[record.trial.split]
    mean = scores.user_sums(record.trial_id, METRICS["rmse"]).sum() / users.counts.sum()
    assert np.sqrt(mean) == pytest.approx(scores.score(record.trial_id, "test", "rmse"), rel=1e-6)
    held = study.predictions(record)["test"]
    one = scores.user_ids[users.index[7]]
    errors = (held.prediction.decode("mean") - held.level - 1.0)[held.user == one] ** 2
    assert scores.user_sums(record.trial_id, METRICS["rmse"])[7] == pytest.approx(errors.sum(), rel=1e-6)
    assert users.counts[7] == len(errors)


def with_its_digest(study, record):
    """The study, read anew, once the record names the predictions that lie there."""
    path = study.path / "predictions" / f"{record.trial_id}.parquet"
    write_record(study.path / "trials" / f"{record.trial_id}.json", replace(record, prediction_sha256=sha256_of(path)))
    return load_study(study.path)


def test_a_file_with_other_rows_is_named_and_the_others_go_on(make_study, tmp_path):
    made = make_study.MadeUp
    study = make_study(tmp_path, [made("regression"), made("ce", "classification"), made("bias", "baseline")])
    broken, other = study.ok[1], study.ok[4]
    path = tmp_path / "predictions"
    (path / f"{broken.trial_id}.parquet").write_bytes((path / f"{other.trial_id}.parquet").read_bytes())
    (path / f"{study.ok[2].trial_id}.parquet").unlink()
    scores = StudyScores.of(with_its_digest(study, broken))
    assert set(scores.problems) == {broken.trial_id, study.ok[2].trial_id}
    row = scores.results.set_index("trial_id").loc[broken.trial_id]
    assert "the rows of valid are not those of other trials of the split" in row["reason"]
    assert np.isnan(row["test_rmse"])
    assert scores.results.test_rmse.notna().sum() == 4


def test_rows_in_another_order_are_put_back(make_study, tmp_path):
    from bench.study.prediction_file import write_predictions
    from bench.study.study import HeldOut
    from cfce.predictions import Prediction

    made = make_study.MadeUp
    study = make_study(tmp_path, [made("regression"), made("ce", "classification")], [(0, 0, 0), (0, 1, 1)])
    before = StudyScores.of(study)
    record = study.ok[3]
    shuffled = {}
    for part, held in study.predictions(record).items():
        order = np.random.default_rng(0).permutation(len(held.level))
        prediction = Prediction(study.scale, None, held.prediction.probabilities[order])
        shuffled[part] = HeldOut(part, held.user[order], held.item[order], held.level[order], prediction)
    write_predictions(tmp_path / "predictions" / f"{record.trial_id}.parquet", shuffled, study.scale)
    after = StudyScores.of(with_its_digest(study, record))
    np.testing.assert_allclose(
        after.user_sums(record.trial_id, METRICS["nll"]), before.user_sums(record.trial_id, METRICS["nll"]), rtol=1e-6
    )
    for one, two in zip(before.ensemble_results.test_nll, after.ensemble_results.test_nll, strict=True):
        assert one == pytest.approx(two)


def test_arms_of_one_variant_are_told_apart_by_what_differs(make_study, tmp_path):
    made = make_study.MadeUp
    study = make_study(
        tmp_path, [made("ce", "classification"), made("ce", "classification", sampler="bootstrap"), made("regression")]
    )
    scores = StudyScores.of(study)
    assert list(scores.configurations) == ["ce (permutation)", "ce (bootstrap)", "regression"]
    assert scores.configurations["ce (bootstrap)"].family == "classification"


def test_a_protocol_without_test_leaves_its_columns_blank_and_claims_on_valid(make_study, tmp_path):
    study = make_study(tmp_path, [make_study.MadeUp("regression")], protocol="random-80-20")
    scores = StudyScores.of(study)
    assert study.evaluation_part == "valid"
    assert scores.results.test_rmse.isna().all()
    assert scores.user_sums(study.ok[0].trial_id, METRICS["accuracy"]).sum() == pytest.approx(
        400 * scores.results.valid_accuracy[0]
    )
