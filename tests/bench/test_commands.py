"""Commands as functions: the command line that their arguments make, and what a call gives."""

import inspect
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from rich.console import Console

import bench
from bench.cli.app import flags_of
from bench.commands import arguments
from bench.harness.progress import NotebookReporter, reporter
from cfce.errors import UserError


@pytest.mark.parametrize("command", ["run", "tune"])
def test_every_named_argument_is_a_flag_with_its_default(command: str) -> None:
    """What has no value for the command (None) is left to it."""
    flags = flags_of(command)
    named = {name: one for name, one in inspect.signature(getattr(bench, command)).parameters.items() if name != "more"}
    assert set(named) <= set(flags)
    assert {
        name: one.default for name, one in named.items() if one.default is not None and flags[name].default != one.default
    } == {}


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({"learning_rates": [5e-3, 0.1], "epochs": 5}, ["--learning-rates", "0.005,0.1", "--epochs", "5"]),
        ({"columns": {"user": "a", "item": "b"}}, ["--columns", "user=a,item=b"]),
        ({"resume": False, "crossed": False}, ["--no-resume"]),
        ({"plugin": [Path("a.py"), "b.py"]}, ["--plugin", "a.py", "--plugin", "b.py"]),
        ({"option": {"gap": [1, 2], "deep": True}}, ["--option", "gap=1,2", "--option", "deep=true"]),
        ({"optimizer": "sgd"}, ["--optimizer", "sgd"]),
        ({"head_init": "ordered"}, ["--option", "head_init=ordered"]),
        ({"scale": (0.5, 1)}, ["--scale", "0.5,1"]),
        ({"learning_rates": np.array([0.01, 0.1]), "scale": range(1, 4)}, ["--learning-rates", "0.01,0.1", "--scale", "1,2,3"]),
        ({"seeds": np.int64(3), "crossed": np.True_, "epochs": np.array(7)}, ["--seeds", "3", "--crossed", "--epochs", "7"]),
        ({"seeds": None, "preset": "default"}, []),
    ],
)
def test_arguments_become_the_command_line(given: dict[str, object], line: list[str]) -> None:
    assert arguments("run", given) == line


def test_an_argument_of_a_command_without_options_is_refused() -> None:
    with pytest.raises(UserError, match="unknown argument of report 'folders' \\(did you mean 'folder'\\?\\)"):
        arguments("report", {"folders": "x"})


@pytest.mark.parametrize(
    ("given", "told"),
    [({"variants": "cee"}, "unknown variant 'cee'"), ({"seeds": "many"}, "--seeds"), ({"no_such": 1}, "no_such")],
)
def test_what_the_command_refuses_is_a_user_error(given: dict[str, object], told: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=told):
        bench.run(dataset="synthetic-1000", out=tmp_path / "study", **given)  # type: ignore[arg-type]
    assert not (tmp_path / "study" / "study.json").exists()


def test_a_script_without_a_guard_trains_and_gets_its_study(tmp_path: Path) -> None:
    """Workers do not run the script once more; the study keeps the command that does the same from a terminal."""
    script = tmp_path / "script.py"
    script.write_text(
        "import bench\n"
        "print('begins')\n"
        "study = bench.run(dataset='synthetic-1000', variants=['constant', 'bias'], seeds=2, jobs=1, out='two')\n"
        "print(study.command, len(study.trials), __file__ is not None)\n"
    )
    done = subprocess.run([sys.executable, str(script)], cwd=tmp_path, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("begins") == 1
    assert done.stdout.splitlines()[-1] == (
        "bench run --dataset synthetic-1000 --variants constant,bias --seeds 2 --jobs 1 --out two 4 True"
    )


def test_a_notebook_draws_one_output_anew_with_the_trials_that_did_not_end_well(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    output = SimpleNamespace(update=drawn.append)
    shown = ModuleType("IPython.display")
    shown.HTML = str  # type: ignore[attr-defined]
    shown.display = lambda first, display_id: drawn.append(first) or output  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "IPython", ModuleType("IPython"))
    monkeypatch.setitem(sys.modules, "IPython.display", shown)
    lines = {"ok": "went well", "failed": "lost <it>"}
    monkeypatch.setattr("bench.harness.progress.line_of", lambda outcome: lines[outcome.record.status])
    display = reporter(Console(force_jupyter=True), 2)
    assert isinstance(display, NotebookReporter)
    with display:
        for status in lines:
            display.show(SimpleNamespace(record=SimpleNamespace(status=status)))  # type: ignore[arg-type]
    assert len(drawn) == 4
    assert 'value="0" max="2"' in drawn[0]
    assert "went well" in drawn[2]
    assert "went well" not in drawn[3]
    assert all(text in drawn[3] for text in ('value="2" max="2"', "lost &lt;it&gt;", "2 of 2 trials"))
