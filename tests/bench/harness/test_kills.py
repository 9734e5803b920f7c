"""Ctrl-C, kill -9, hanging trials and a second run in the same folder, with real processes."""

import os
import signal

import pytest

from bench.study import load_study
from bench.study.files import read_json

SLOW = ("slow", "--seeds", "6", "--learning-rates", "0.01")
TOTAL = 6 + 2 * 6
ONE = ("--seeds", "1", "--learning-rates", "0.01", "--jobs", "1")


def trials(folder):
    return sorted((folder / "trials").glob("*.json"))


def some_but_not_all(folder):
    return 2 <= len(trials(folder)) < TOTAL


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="process groups and SIGKILL are POSIX")
def test_a_run_survives_ctrl_c_and_kill_and_trains_nothing_twice(start, wait_for, tmp_path):
    """Interrupted, then killed, then finished: each finished trial is trained once, and no half file is ever read."""
    folder = tmp_path / "study"
    first = start(folder, *SLOW, "--jobs", "2")
    wait_for(lambda: some_but_not_all(folder), "the first trials")
    first.interrupt()
    first.end()
    assert first.code == 130
    assert "interrupted; this resumes: python -m bench run --dataset synthetic-1000" in first.err
    assert "Traceback" not in first.err
    wait_for(lambda: not first.workers(), "the workers, and multiprocessing's tracker, to end")
    kept = {path: path.stat().st_mtime_ns for path in trials(folder)}
    for path in kept:
        read_json(path)

    second = start(folder, *SLOW, "--jobs", "2")
    wait_for(lambda: len(kept) + 2 <= len(trials(folder)) < TOTAL, "more trials")
    os.kill(second.process.pid, signal.SIGKILL)
    wait_for(lambda: not second.workers(), "the orphans to end")
    second.end()
    assert f"keeps {len(kept)} of {TOTAL} trials" in second.out
    for path in trials(folder):
        kept.setdefault(path, path.stat().st_mtime_ns)
        read_json(path)

    third = start(folder, *SLOW, "--jobs", "1").end()
    assert third.code == 0, third.err
    assert f"keeps {len(kept)} of {TOTAL} trials" in third.out
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert len(load_study(folder).ok) == TOTAL
    assert not list(folder.glob("**/.*"))


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="SIGKILL is POSIX")
def test_a_worker_killed_from_outside_costs_its_trial_alone(start, wait_for, tmp_path):
    folder = tmp_path / "study"
    command = start(folder, "slow", "--seeds", "3", "--learning-rates", "0.01", "--jobs", "1")
    wait_for(lambda: trials(folder), "the first trial")
    os.kill(max(command.workers()), signal.SIGKILL)
    command.end()
    assert command.code == 1
    (failed,) = (record for record in load_study(folder).records if record.status == "failed")
    assert "ended by signal 9 (SIGKILL)" in failed.reason
    assert len(load_study(folder).ok) == 8


def test_a_trial_that_hangs_is_ended_with_what_it_started_and_the_others_are_trained(start, wait_for, tmp_path):
    folder = tmp_path / "study"
    command = start(folder, "hangs,dummy", *ONE, "--trial-timeout", "5").end()
    assert command.code == 1
    reasons = {record.trial.variant: (record.status, record.reason) for record in load_study(folder).records}
    assert reasons["hangs"] == ("failed", "the trial hung: ended after 5 s (--trial-timeout)")
    assert reasons["dummy"] == ("ok", "")
    wait_for(lambda: not command.workers(), "the end of the program that the trial waited for")


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="SIGTERM is POSIX")
def test_sigterm_ends_as_ctrl_c_does(start, wait_for, tmp_path):
    folder, hanging = tmp_path / "study", tmp_path / "hanging"
    command = start(folder, "dummy,hangs", *ONE, HANGING=str(hanging))
    wait_for(lambda: hanging.exists() and [*folder.glob("trials/*.json")], "a trial that ends and one that hangs")
    os.kill(command.process.pid, signal.SIGTERM)
    command.end()
    assert command.code == 143
    assert command.err.startswith("bench: interrupted; this resumes: python -m bench run")
    wait_for(lambda: not command.workers(), "the end of what it started")
    assert [record.status for record in load_study(folder).records] == ["ok"]
    assert not list(folder.glob("**/.*"))


def test_a_second_run_is_refused_with_the_process_that_holds_the_folder_until_that_process_is_dead(start, wait_for, tmp_path):
    folder = tmp_path / "study"
    hanging = tmp_path / "hanging"
    holder = start(folder, "hangs", *ONE, HANGING=str(hanging))
    wait_for(lambda: (folder / "run-holder.lock").exists(), "the lock")
    second = start(folder, "dummy", "--seeds", "1").end()
    assert second.code == 2
    assert f"bench: '{folder}' is in use by process {holder.process.pid}; wait until it ends" in second.err
    wait_for(hanging.exists, "the trial to hang")
    os.kill(holder.process.pid, signal.SIGKILL)
    holder.process.wait()
    third = start(folder, "dummy", *ONE, "--no-resume").end()
    assert third.code == 0, third.err
    assert len(load_study(folder).records) == 3
    assert {"trials", "predictions"} <= {path.name for path in (folder / "set-aside").iterdir()}
    wait_for(lambda: not holder.workers(), "the orphans to end, though their trial hangs")
