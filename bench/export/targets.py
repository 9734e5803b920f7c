"""Where a study can be exported to: what each is, the module it needs and the extra that brings it."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from bench.export import tables, trackers
from bench.notebook import Study
from cfce.errors import UserError


@dataclass(frozen=True)
class Target:
    """One kind of export."""

    name: str
    description: str
    export: Callable[[Study, Path], str]
    """(study, where) to a line that says what was written."""
    default: str
    """Where it goes within the study's folder."""
    module: str = ""
    """The module that must be installed; empty for none."""

    def check(self) -> None:
        """Raise ``UserError`` where its module is not installed."""
        if self.module and find_spec(self.module) is None:
            raise UserError(
                f"--to {self.name} needs the package '{self.module}', which is not installed; "
                f"install it with: python -m pip install 'cfce-bench[{self.name}]'"
            )


TARGETS = {
    one.name: one
    for one in (
        Target("csv", "tables of trials, verdicts, losses and predictions", tables.to_csv, "export/csv"),
        Target("parquet", "the same tables as Parquet", tables.to_parquet, "export/parquet"),
        Target("mlflow", "a run a trial in an MLflow store", trackers.to_mlflow, "export/mlflow.db", "mlflow"),
        Target("wandb", "a run a trial, offline, for Weights & Biases", trackers.to_wandb, "export/wandb", "wandb"),
        Target("tensorboard", "event files, a folder a trial", trackers.to_tensorboard, "export/tensorboard", "tensorboard"),
    )
}
"""Every target by its name."""
