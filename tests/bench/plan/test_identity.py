"""What makes a trial another trial: an edit of what it is fitted by, and nothing else; shown by whole runs."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import bench
import cfce
from bench.study import load_study

BARE = Path(__file__).parents[1] / "bare_command.py"
OBJECTIVE = """
from dataclasses import dataclass
from bench.registry import Network, register_objective, register_variant
from cfce.models import dot_product_bias
from cfce.objectives.squared_error import SquaredError
from factor import FACTOR

@dataclass(frozen=True)
class Scaled(SquaredError):
    name = "NAME"

    def torch_loss(self, output, level, scale):
        return FACTOR * super().torch_loss(output, level, scale)

register_objective(Scaled())
register_variant("NAME", "a built-in scorer with another loss", estimator=Network(dot_product_bias, "NAME"))
"""

COLUMNS = """
import sys
from bench.comparison.scores import StudyScores
from bench.study import load_study
print(*StudyScores.of(load_study(sys.argv[1])).results.columns)
"""


@pytest.fixture
def run(tmp_path, warm):
    """``run(*arguments, packages=FOLDER)`` runs a tiny plan into one study, by the packages of a folder.

    The kernels of a folder's packages are interpreted, which is faster than compiling.
    """

    def start(*arguments: str, packages: Path | None = None) -> str:
        environment = {**os.environ, "CFCE_CACHE": str(tmp_path / "cache")}
        command = ["run", "--dataset", "synthetic-1000", "--seeds", "1", "--epochs", "1", "--jobs", "1"]
        command += ["--factors", "2", "--learning-rates", "0.05", "--out", str(tmp_path / "study"), *arguments]
        if packages:
            environment |= {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(packages)}
            program = [sys.executable, str(BARE), *command]
            ended = subprocess.run(program, capture_output=True, text=True, env=environment, check=False, cwd=tmp_path)
        else:
            ended = warm.run(command, environment, tmp_path, without=("report", "drawings", "workers"))
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    return start


def plugin(folder: Path, name: str, factor: float = 1.0) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "factor.py").write_text(f"FACTOR = {factor}\n")
    (folder / "mine.py").write_text(OBJECTIVE.replace("NAME", name))
    return folder / "mine.py"


def losses(study: Path) -> dict[str, float]:
    return {record.trial.variant: record.history[-1].valid_loss for record in load_study(study).records if record.history}


def test_an_edited_objective_and_an_edited_helper_are_trained_again_and_train_their_own_loss(run, tmp_path):
    """Of two plug-ins of one file name, each with a helper of one name in its folder, the edited one alone is trained again."""
    one, other = plugin(tmp_path / "a", "one", 1.0), plugin(tmp_path / "b", "other", 3.0)
    command = ("--plugin", str(one), "--plugin", str(other), "--variants", "one,other,regression")
    run(*command)
    first = losses(tmp_path / "study")
    assert first["one"] == pytest.approx(first["regression"], rel=1e-3)
    assert first["other"] > 2.5 * first["one"]
    (tmp_path / "a" / "factor.py").write_text("FACTOR = 3.0\n")
    assert "keeps 4 of 5 trials" in run(*command)
    helped = losses(tmp_path / "study")
    assert helped["one"] > 2.5 * first["one"]
    assert (helped["other"], helped["regression"]) == (first["other"], first["regression"])
    one.write_text(one.read_text().replace("FACTOR *", "2 * FACTOR *"))
    assert "keeps 4 of 5 trials" in run(*command)
    assert losses(tmp_path / "study")["one"] > 1.8 * helped["one"]


def test_growth_of_the_packages_sets_nothing_aside_and_an_edited_loss_only_what_uses_it(run, tmp_path):
    packages = tmp_path / "packages"
    for package in (bench, cfce):
        shutil.copytree(Path(str(package.__file__)).parent, packages / package.__name__)
    root = packages / "cfce"
    run("--variants", "ce,regression", packages=packages)
    (root / "metrics" / "new_metric.py").write_text(
        "from cfce.metrics.losses import rps\nfrom cfce.metrics.metric import Metric, register_metric\n"
        "register_metric(Metric('new', 'new', rps))\n"
    )
    init = root / "metrics" / "__init__.py"
    init.write_text(init.read_text() + "\nimport cfce.metrics.new_metric\n")
    options = root / "options.py"
    last = '    """With sgd: the learning rate of an epoch over that of the epoch before."""\n'
    assert last in options.read_text()
    options.write_text(options.read_text().replace(last, last + '    momentum: float = 0.9\n    """A new option."""\n'))
    (root / "datasets" / "new_dataset.py").write_text("NEW = 1\n")
    (root / "protocols" / "new_protocol.py").write_text("NEW = 1\n")
    grown = run("--variants", "ce,regression", "--option", "momentum=0.9,0.5", packages=packages)
    assert "keeps 4 of 6 trials" in grown, "those at the default value"
    assert "set aside" not in grown
    told = subprocess.run(
        [sys.executable, "-c", COLUMNS, str(tmp_path / "study")],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(packages)},
        cwd=tmp_path,
        check=True,
    )
    assert "valid_new" in told.stdout.split()
    loss = root / "objectives" / "squared_error.py"
    loss.write_text(loss.read_text() + "\nEDITED = True\n")
    edited = run("--variants", "ce,regression", packages=packages)
    assert "keeps 3 of 4 trials" in edited
    assert "set aside 2 trials of other code" in edited, "that at the value of this plan and that at the other"
