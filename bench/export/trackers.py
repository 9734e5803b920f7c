"""A study in the store of an experiment tracker: a run a trial, and one run for the study with its report and its verdicts.

Exporting twice adds nothing twice to MLflow, which is asked for the trial ids that it has; the others get a folder, which is
refused where it holds something.
"""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.export.logged import logged_trials, report_files
from bench.notebook import Study
from cfce.errors import UserError

TRIAL_ID = "cfce.trial_id"
"""The tag by which a run is found again."""
REPORT = "report"
"""What stands there for the run of the study itself."""


def to_mlflow(study: Study, out: Path) -> str:
    """An experiment with the study's name in the MLflow store ``out``, an SQLite database; artifacts lie in a folder beside it.

    ``mlflow ui --backend-store-uri sqlite:///OUT`` shows it.
    """
    from mlflow.entities import Metric, Param, RunTag
    from mlflow.tracking import MlflowClient

    out.parent.mkdir(parents=True, exist_ok=True)
    client = MlflowClient(tracking_uri=f"sqlite:///{out.resolve()}")
    found = client.get_experiment_by_name(study.name)
    artifacts = (out.parent / f"{out.stem}-artifacts").resolve().as_uri()
    experiment = found.experiment_id if found else client.create_experiment(study.name, artifact_location=artifacts)
    there = {run.data.tags.get(TRIAL_ID): run.info.run_id for run in _all_runs(client, experiment)}
    added = 0
    for trial in logged_trials(study):
        if trial.trial_id in there:
            continue
        run = client.create_run(experiment, run_name=trial.name, tags={TRIAL_ID: trial.trial_id})
        time = run.info.start_time
        metrics = [Metric(name, value, time, 0) for name, value in trial.metrics.items() if name not in trial.curves]
        for loss, values in trial.curves.items():
            metrics += [Metric(loss, value, time, step) for step, value in enumerate(values, start=1) if math.isfinite(value)]
        client.log_batch(
            run.info.run_id,
            metrics=metrics,
            params=[Param(name, value) for name, value in trial.params.items()],
            tags=[RunTag(name, value) for name, value in trial.tags.items()],
        )
        for file in trial.files:
            client.log_artifact(run.info.run_id, str(file))
        client.set_terminated(run.info.run_id, "FINISHED" if trial.tags["status"] == "ok" else "FAILED")
        added += 1
    if REPORT in there:  # of a smaller study
        client.delete_run(there[REPORT])
    run = client.create_run(experiment, run_name=f"{study.name}: report", tags={TRIAL_ID: REPORT})
    for file in report_files(study):
        client.log_artifact(run.info.run_id, str(file), "figures" if file.suffix == ".png" else None)
    client.set_terminated(run.info.run_id)
    return f"{added} runs added, {len(there.keys() - {None, REPORT})} were there"


def _all_runs(client: Any, experiment: str) -> Iterator[Any]:
    token = None
    while True:
        page = client.search_runs([experiment], max_results=1000, page_token=token)
        yield from page
        token = page.token
        if not token:
            return


def to_tensorboard(study: Study, out: Path) -> str:
    """A folder of event files, one folder a trial: losses by epoch, final scores, and the options as hyperparameters."""
    from torch.utils.tensorboard import SummaryWriter

    folder = _empty(out)
    trials = list(logged_trials(study))
    for trial in trials:
        with SummaryWriter(str(folder / trial.trial_id)) as writer:
            for loss, values in trial.curves.items():
                for step, value in enumerate(values, start=1):
                    writer.add_scalar(f"loss/{loss}", value, step)
            for name, value in trial.metrics.items():
                part, _, score = name.partition("_")
                tag = f"{part}/{score}" if part in ("valid", "test") else f"cost/{name}"
                if name not in trial.curves:
                    writer.add_scalar(tag, value, len(next(iter(trial.curves.values()), ())))
            told = {**trial.params, **trial.tags}
            writer.add_text("trial", "\n".join(f"    {name}: {value}" for name, value in told.items()))
    return f"{len(trials)} folders; tensorboard --logdir {folder} shows them"


def to_wandb(study: Study, out: Path) -> str:
    """Runs of Weights & Biases, written offline into the folder ``out``: ``wandb sync`` sends them where they shall go."""
    import wandb

    folder = _empty(out)
    folder.mkdir(parents=True, exist_ok=True)
    trials = list(logged_trials(study))
    for trial in trials:
        with wandb.init(
            project="cfce-bench",
            group=study.name,
            name=trial.name,
            id=trial.trial_id,
            dir=str(folder),
            mode="offline",
            config=dict(trial.params),
            settings=wandb.Settings(silent=True, console="off", disable_git=True, save_code=False),
        ) as run:
            for step, losses in enumerate(zip(*trial.curves.values(), strict=True), start=1):
                run.log({"epoch": step, **dict(zip(trial.curves, losses, strict=True))})
            run.summary.update({**trial.metrics, **trial.tags})
    return f"{len(trials)} offline runs; wandb sync {folder / 'wandb'}/offline-run-* sends them"


def _empty(out: Path) -> Path:
    if out.exists() and any(out.iterdir()):
        raise UserError(f"'{out}' holds something already, and runs would be there twice; pass --out with a new folder")
    return out
