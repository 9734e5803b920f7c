"""A program is given its fold and no more, and what it leaves is checked before it counts."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from cfce.errors import UserError
from cfce.estimators import Program, Task
from cfce.estimators.program import Command
from cfce.estimators.program.running import GUARD, ProgramError, run_program

MEAN = 'rows["prediction"] = train.rating.mean() + rows.row / 1000\n'
WRITE = 'rows[["row", "prediction"]].to_parquet("predictions.parquet")\n'


def task(fold, seed=0):
    return Task(fold, seed, seed, "cpu", "program")


def test_predictions_stand_in_the_order_of_the_parts_whatever_the_order_of_the_file(program, fold):
    fitted = program(MEAN + "rows = rows.sample(frac=1, random_state=0)\n" + WRITE).fit(task(fold))
    mean = fold.scale.array[fold.train.level].mean()
    np.testing.assert_allclose(fitted.predictions["valid"].points, mean + np.arange(100) / 1000, rtol=1e-6)
    np.testing.assert_allclose(fitted.predictions["test"].points, mean + np.arange(100, 200) / 1000, rtol=1e-6)
    assert fitted.history == ()


def test_the_folder_holds_four_files_and_no_rating_of_test(program, fold, tmp_path):
    keep = f'import shutil; shutil.copytree(".", {str(tmp_path / "seen")!r})\n'
    program(keep + MEAN + WRITE).fit(task(fold, seed=7))
    import pandas as pd

    seen = tmp_path / "seen"
    assert sorted(path.name for path in seen.iterdir()) == ["task.json", "test.parquet", "train.parquet", "valid.parquet"]
    columns = {part: list(pd.read_parquet(seen / f"{part}.parquet").columns) for part in ("train", "valid", "test")}
    assert columns == {
        "train": ["user", "item", "rating"],
        "valid": ["row", "user", "item", "rating"],
        "test": ["row", "user", "item"],
    }
    told = json.loads((seen / "task.json").read_text())
    assert told["seed"] == 7
    assert told["scale"] == [1, 2, 3, 4, 5]
    assert told["sizes"] == {"train": 800, "valid": 100, "test": 100}
    assert told["threads"] == 1


def test_the_time_is_the_fits_where_the_program_says_it_and_else_the_processes_which_is_marked(program, fold):
    said = 'json.dump({"fit_seconds": 1.5, "n_parameters": 3}, open("timing.json", "w"))\n'
    told, untold = (program(code + MEAN + WRITE).fit(task(fold)) for code in (said, 'print("hello"); time.sleep(0.3)\n'))
    assert (told.fit_seconds, told.timed, told.n_parameters) == (1.5, "fit", 3)
    assert untold.timed == "process"
    assert untold.fit_seconds > 0.3
    assert untold.printed == "hello\n"


def test_the_guard_ends_by_itself_and_quietly_and_leaves_the_folder_to_its_owner(tmp_path):
    job = {"argv": ["true"], "folder": str(tmp_path), "log": str(tmp_path / "log"), "place": str(tmp_path)}
    job["seconds"] = None
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, GUARD, json.dumps(job)], stdin=pipe, stdout=pipe, stderr=pipe) as guard:
        assert guard.wait(timeout=30) == 0, "while its standard input is open"
        assert json.loads(guard.stdout.read())["code"] == 0
        assert guard.stderr.read() == b""
    assert (tmp_path / "log").exists()


def test_the_peak_memory_is_of_the_programs_own_processes(tmp_path):
    fill = "big = bytearray(400_000_000); big[::4096] = b'1' * len(big[::4096])"
    big, small = (run_program([sys.executable, "-c", code], tmp_path, tmp_path, os.environ).peak_mb for code in (fill, ""))
    assert 350 < big - small < 450


def test_a_failure_is_one_sentence_with_the_exit_code_and_the_last_line_and_keeps_the_rest(program, fold):
    with pytest.raises(
        ProgramError, match=r"^the program ended with exit code 1; it printed last: ValueError: no luck$"
    ) as error:
        program('print("first"); sys.stdout.flush(); raise ValueError("no luck")', read=False).fit(task(fold))
    assert "first" in error.value.printed
    assert "Traceback" in error.value.printed


def test_a_signal_is_named(program, fold):
    with pytest.raises(ProgramError, match=r"was ended by signal 9 \(SIGKILL\)"):
        program("os.kill(os.getpid(), 9)", read=False).fit(task(fold))


def test_a_program_that_takes_too_long_ends_with_all_that_it_started_and_what_it_printed_is_kept(tmp_path):
    hangs = ["sh", "-c", "sleep 600 & echo $!; wait"]
    with pytest.raises(
        ProgramError, match=r"^the trial hung: ended after 1 s \(--trial-timeout\); it printed last: \d+$"
    ) as error:
        run_program(hangs, tmp_path, tmp_path, os.environ, seconds=1)
    wait(lambda: not alive(int(error.value.printed)))


def test_bad_output_fails_in_a_sentence_and_keeps_what_was_printed(program, fold):
    with pytest.raises(ProgramError, match=r"^'predictions.parquet' lacks 3 of the 200 rows of valid and test") as error:
        program('print("hello")\n' + MEAN + "rows = rows.iloc[3:]\n" + WRITE).fit(task(fold))
    assert "hello" in error.value.printed


def test_declared_options_are_the_estimators_and_reach_the_program(program, fold):
    head = "# /// script\n# [tool.cfce.options]\n# offset = { default = 0.0, low = 0.0, high = 2.0 }\n# ///\n"
    shifted = program('rows["prediction"] = task["options"]["offset"]\n' + WRITE, head).with_options({"offset": "1.5"})
    assert shifted.options()["offset"].default == 1.5
    assert set(shifted.fit(task(fold)).predictions["valid"].points) == {1.5}
    with pytest.raises(UserError, match="offset x came; it is a number"):
        shifted.with_options({"offset": "x"})


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("no-such-command", "fit.R"), "the command 'no-such-command' was not found; install it, or pass its path"),
        (("sh", "gone.sh"), "there is no file 'gone.sh' in"),
        (("gone.py",), "there is no file 'gone.py' in"),
        (("./here.sh",), "'./here.sh' is not executable; make it so"),
    ],
)
def test_a_command_that_cannot_run_here_is_known_before_a_trial(words, sentence, tmp_path):
    (tmp_path / "here.sh").write_text("exit 0")
    with pytest.raises(UserError) as error:
        Program.of(Command(words, tmp_path)).prepare(lambda line: None)
    assert sentence in str(error.value)


def alive(pid: int) -> bool:
    """Whether a process runs: one that has ended but was not waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="processes are looked up under /proc")
def test_the_whole_group_ends_and_the_folder_goes_when_the_process_that_asked_is_killed(fold, tmp_path):
    (tmp_path / "fit.sh").write_text('sleep 600 &\necho "$$ $! $PWD" > "$1.part"; mv "$1.part" "$1"; wait\n')
    code = (
        "from pathlib import Path; from cfce.estimators.program.running import run_program; import sys, os\n"
        "place = Path(sys.argv[1]); (place / 'task').mkdir(parents=True)\n"
        "run_program(['sh', sys.argv[2], sys.argv[3]], place / 'task', place, os.environ)\n"
    )
    place, note = tmp_path / "place", tmp_path / "note"
    caller = subprocess.Popen([sys.executable, "-c", code, str(place), str(tmp_path / "fit.sh"), str(note)])
    wait(note.exists)
    shell, sleeping, folder = note.read_text().split()
    assert alive(int(shell))
    assert alive(int(sleeping))
    caller.send_signal(signal.SIGKILL)
    caller.wait()
    wait(lambda: not alive(int(shell)) and not alive(int(sleeping)) and not os.path.exists(folder))


def wait(condition):
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "it took longer than 30 s"
        time.sleep(0.02)
