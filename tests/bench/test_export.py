"""Exports of a study: tables that hold what it holds, and real local stores of trackers, read back by their own readers."""

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bench import Study
from bench.cli import run_cli
from bench.export import TARGETS
from bench.export.logged import logged_trials
from bench.export.tables import to_csv
from cfce.errors import UserError


def needs(module: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(find_spec(module) is None, reason=f"{module} is not installed; 'tox -e trackers' has it")


@pytest.fixture(scope="module")
def study(make_study, tmp_path_factory) -> Study:
    made = [
        make_study.MadeUp("regression", learning_rate=0.01),
        make_study.MadeUp("ce", "classification", tag=1),
        make_study.MadeUp("lost", "classification", status="diverged"),
    ]
    return make_study(tmp_path_factory.mktemp("export") / "made", made)


@pytest.mark.parametrize(("to", "read"), [("csv", pd.read_csv), ("parquet", pd.read_parquet)])
def test_tables_hold_the_trials_the_verdicts_the_losses_and_the_predictions(to: str, read, study: Study, tmp_path: Path) -> None:
    assert run_cli(["export", str(study.path), "--to", to, "--out", str(tmp_path / "out")]) == 0
    trials = read(tmp_path / f"out/trials.{to}")
    assert np.allclose(trials["test_rmse"], study.trials["test_rmse"], equal_nan=True)
    assert list(read(tmp_path / f"out/verdicts.{to}")["text"]) == list(study.verdicts["text"])
    curves = read(tmp_path / f"out/curves.{to}")
    assert len(curves) == 6 * 2
    assert curves.iloc[0][["epoch", "train_loss", "valid_loss"]].tolist() == [1, 1.2, 1.1]
    found = sorted(path.stem for path in (tmp_path / "out/predictions").iterdir())
    assert found == sorted(record.trial_id for record in study.ok)
    assert np.allclose(
        read(tmp_path / f"out/predictions/{found[0]}.{to}")["prediction"], study.predictions(found[0])["prediction"]
    )


def test_predictions_in_csv_have_the_ids_of_the_data_sign_for_sign(study: Study, tmp_path: Path, monkeypatch) -> None:
    """Ids of Yelp begin with a hyphen; what guards spreadsheets would keep such rows from joining with the ratings."""
    ids = ["-02xF", "=b", "+1", "@c", " two  blanks", 'a "quote"', "return\rline\nend"]
    plain = Study.predictions

    def with_odd_ids(self: Study, trial: object) -> object:
        table = plain(self, trial)  # type: ignore[call-overload]
        return table.head(len(ids)).assign(user=ids) if isinstance(trial, str) else table

    monkeypatch.setattr(Study, "predictions", with_odd_ids)
    to_csv(study, tmp_path)
    assert all(pd.read_csv(path)["user"].tolist() == ids for path in (tmp_path / "predictions").iterdir())


def test_a_logged_trial_has_its_options_its_finite_scores_and_its_files(study: Study) -> None:
    trials = list(logged_trials(study))
    assert [trial.tags["status"] for trial in trials] == ["ok", "ok", "diverged"] * 2
    assert trials[0].params["learning_rate"] == "0.01"
    assert trials[0].metrics["test_rmse"] == pytest.approx(study.trials["test_rmse"].iloc[0])
    assert trials[2].metrics.keys() == {"fit_seconds", "peak_memory_mb", "train_loss", "valid_loss"}
    assert [file.suffix for file in trials[0].files] == [".json", ".parquet"]


@needs("mlflow")
@needs("sqlalchemy")
@pytest.mark.filterwarnings("ignore")  # of MLflow's own imports
def test_mlflow_has_a_run_a_trial_with_params_metrics_curves_and_artifacts_and_no_trial_twice(
    study: Study, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from mlflow.tracking import MlflowClient

    store = tmp_path / "store.db"
    line = ["export", str(study.path), "--to", "mlflow", "--out", str(store)]
    assert run_cli(line) == 0
    assert run_cli(line) == 0
    told = capsys.readouterr().out
    assert "6 runs added, 0 were there" in told
    assert "0 runs added, 6 were there" in told
    client = MlflowClient(tracking_uri=f"sqlite:///{store}")
    runs = client.search_runs([client.get_experiment_by_name(study.name).experiment_id])
    assert len(runs) == 6 + 1
    by_id = {run.data.tags["cfce.trial_id"]: run for run in runs}
    row = study.trials.iloc[0]
    run = by_id[row["trial_id"]]
    assert run.data.params["variant"] == "regression"
    assert run.data.metrics["test_rmse"] == pytest.approx(row["test_rmse"])
    history = client.get_metric_history(run.info.run_id, "valid_loss")
    assert [(one.step, one.value) for one in history] == [(1, 1.1), (2, 0.9)]
    artifacts = {one.path for one in client.list_artifacts(run.info.run_id)}
    assert artifacts == {f"{row['trial_id']}.json", f"{row['trial_id']}.parquet"}
    lost = next(run for run in runs if run.data.tags.get("status") == "diverged")
    assert lost.info.status == "FAILED"
    assert {one.path for one in client.list_artifacts(by_id["report"].info.run_id)} == {"study.json"}


@needs("tensorboard")
@pytest.mark.filterwarnings("ignore")  # of TensorBoard's own imports
def test_tensorboard_has_a_folder_a_trial_with_losses_by_epoch_and_scores(study: Study, tmp_path: Path) -> None:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    TARGETS["tensorboard"].export(study, tmp_path / "board")
    row = study.trials.iloc[0]
    events = EventAccumulator(str(tmp_path / "board" / row["trial_id"])).Reload()
    losses = [(one.step, one.value) for one in events.Scalars("loss/train_loss")]
    assert losses == [(1, pytest.approx(1.2)), (2, pytest.approx(1.0))]
    assert events.Scalars("test/rmse")[0].value == pytest.approx(row["test_rmse"])
    with pytest.raises(UserError, match="holds something already"):
        TARGETS["tensorboard"].export(study, tmp_path / "board")


@needs("wandb")
@pytest.mark.filterwarnings("ignore")  # of the library's own imports
def test_wandb_has_an_offline_run_a_trial(study: Study, tmp_path: Path) -> None:
    TARGETS["wandb"].export(study, tmp_path / "out")
    runs = [path.name.rsplit("-", 1)[-1] for path in (tmp_path / "out/wandb").glob("offline-run-*")]
    assert sorted(runs) == sorted(record.trial_id for record in study.records)


def test_an_unknown_target_and_a_package_that_is_not_installed_are_told(
    study: Study, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run_cli(["export", str(study.path), "--to", "mlfow"]) == 2
    assert "unknown target of --to 'mlfow' (did you mean 'mlflow'?)" in capsys.readouterr().err
    monkeypatch.setattr("bench.export.targets.find_spec", lambda name: None)
    assert run_cli(["export", str(study.path), "--to", "wandb"]) == 2
    assert "python -m pip install 'cfce-bench[wandb]'" in capsys.readouterr().err
