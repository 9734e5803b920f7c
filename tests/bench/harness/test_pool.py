"""The order in which the pool hands out units, with workers that are no processes and answer at once."""

from multiprocessing import Pipe
from types import SimpleNamespace

import pytest

from bench.harness import local


@pytest.fixture
def given(monkeypatch):
    """The units that workers were given, in that order."""
    units = []

    class Answering:
        def __init__(self, number, setup, logs):
            self.connection, self.theirs = Pipe()
            silent, self.held = Pipe()
            self.process = SimpleNamespace(sentinel=silent, kill=lambda: None)
            self.ready, self.unit, self.deadline = False, None, float("inf")
            self.theirs.send(local.READY)

        def give(self, unit, timeout):
            self.unit = unit
            units.append(unit)
            self.theirs.send(((f"outcome of {unit[0].name}",), ()))

        def end(self):
            for one in (self.connection, self.theirs, self.process.sentinel, self.held):
                one.close()

    monkeypatch.setattr(local, "Worker", Answering)
    return units


def test_a_worker_has_its_next_unit_before_the_outcome_of_the_last_is_written(given):
    """So that no core is idle while the command writes and scores."""
    setup = SimpleNamespace(jobs=1, trial_timeout=60.0, logs=None)
    units = [(SimpleNamespace(name=name, device="cpu"),) for name in ("first", "second", "third")]
    outcomes = local.Pool(setup, print).run(units)
    assert next(outcomes) == "outcome of first"
    assert given == units[:2], "the second is under way while the caller has the first"
    assert list(outcomes) == ["outcome of second", "outcome of third"]
    assert given == units
