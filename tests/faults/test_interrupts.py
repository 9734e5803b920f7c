"""Ctrl-C and kills at random moments: one line and 130, every time, and nothing lost but what was under way."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest

from bench.study import load_study
from bench.study.files import sha256_of
from bench.study.whole import prediction_path

KIND = "Ctrl-C and kills at random moments"
SEED = int(os.environ.get("FAULTS_SEED", random.SystemRandom().randrange(10**6)))
PLAN = ("--variants", "regression,ce", "--jobs", "2")


COMMAND = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); import bench.__main__ as b; b.main()"
"""The command, with Ctrl-C as a terminal gives it: a shell that runs tests in the background has it ignored."""


def begin(tiny, environment, folder):
    return subprocess.Popen(
        [sys.executable, "-c", COMMAND, "run", *tiny, *PLAN, "--out", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        start_new_session=True,
    )


def is_whole(folder):
    """Whether every record that is there is of a whole trial."""
    if not (folder / "study.json").exists():
        return True
    study = load_study(folder)
    whole = all(sha256_of(prediction_path(folder, one.trial_id)) == one.prediction_sha256 for one in study.ok)
    return whole and not study.unreadable


def at_random_moments(tiny, environment, warm, tmp_path, kind, number, times):
    print(f"FAULTS_SEED={SEED}")
    draw = random.Random(f"{SEED} {number}")
    folder = tmp_path / "study"
    for _ in range(times):
        command = begin(tiny, environment, folder)
        moment = draw.uniform(0.3, 6.0)
        time.sleep(moment)
        os.killpg(command.pid, number)  # as a terminal does: the command and its workers
        out, err = command.communicate(timeout=60)
        told = f"seed {SEED}, after {moment:.3f} s: exit code {command.returncode}\n{out}\n{err}"
        if number == signal.SIGINT and "report: " not in out:
            kind.expect(command.returncode == 130, told)
            kind.expect(len(err.strip().splitlines()) == 1 and "interrupted" in err, told)
        elif number == signal.SIGINT:  # it came when all was done
            kind.expect(command.returncode in (0, 130) and "Traceback" not in err, told)
        kind.expect(is_whole(folder), told)
    done = warm.run(["run", *tiny, *PLAN, "--out", folder], environment, without=("drawings", "workers"))
    told = f"seed {SEED}\n{done.stdout}\n{done.stderr}"
    kind.expect(done.returncode == 0 and len(load_study(folder).ok) == 8, told)
    kind.expect(not [path for path in folder.rglob(".*") if path.name != ".gitignore"], sorted(folder.rglob(".*")))


NUMBERS = (signal.SIGINT, signal.SIGKILL)


@pytest.mark.parametrize("number", NUMBERS, ids=["Ctrl-C", "kill -9"])
def test_a_run_ended_at_random_moments_is_finished_by_the_same_command(tiny, environment, warm, tmp_path, kind, number):
    at_random_moments(tiny, environment, warm, tmp_path, kind, number, 1)


@pytest.mark.faults
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("number", NUMBERS, ids=["Ctrl-C", "kill -9"])
@pytest.mark.parametrize("round_", range(6))
def test_the_same_with_many_moments(tiny, environment, warm, tmp_path, kind, number, round_):
    at_random_moments(tiny, environment, warm, tmp_path, kind, number, 8)
