"""The temporary folders of a node's slots are removed once their processes ended, and never before."""

import os
import subprocess
import sys

import pytest

from bench.harness.cluster.scratch import LOCK, PREFIX, Scratch

HOLDS = """
import time
from bench.harness.cluster.scratch import Scratch

held = Scratch()
print(held.path, flush=True)
time.sleep(600)
"""


@pytest.fixture(autouse=True)
def of_any_age(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr("bench.harness.cluster.scratch.YOUNG", 0.0)


def found(tmp_path):
    return sorted(path.name for path in tmp_path.glob(f"{PREFIX}*"))


def test_a_folder_stays_while_its_process_lives_and_is_removed_by_the_next_slot_after_a_kill(tmp_path):
    with subprocess.Popen([sys.executable, "-c", HOLDS], stdout=subprocess.PIPE, text=True) as process:
        name = os.path.basename(process.stdout.readline().strip())
        Scratch().end()
        left = found(tmp_path)
        process.kill()
    assert left == [name]
    Scratch().end()
    assert found(tmp_path) == []


def test_a_folder_whose_process_may_not_hold_it_yet_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr("bench.harness.cluster.scratch.YOUNG", 60.0)
    (tmp_path / f"{PREFIX}new").mkdir()
    (tmp_path / f"{PREFIX}new" / LOCK).touch()
    Scratch().end()
    assert found(tmp_path) == [f"{PREFIX}new"]
