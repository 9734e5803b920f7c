"""What every registered executor owes; a new one is tested by being registered."""

import hashlib
import multiprocessing
from collections import Counter

import pytest

from bench.harness.executor import Setup
from bench.plan.code_version import code_version
from bench.plan.trial import Trial
from bench.registry import REGISTRIES
from bench.variants.plugins import load_parts
from bench.variants.variant import VARIANTS
from cfce.datasets import load_dataset
from cfce.datasets.stored import save_ratings
from cfce.errors import UserError
from cfce.options import OptionValues
from cfce.protocols import PROTOCOLS

EXECUTORS = REGISTRIES["executors"]


def ready(name):
    """Skip the test where the executor cannot run here; the reason is its own sentence."""
    try:
        EXECUTORS[name].check("")
    except UserError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def ratings(tmp_path_factory):
    cache = tmp_path_factory.mktemp("cache")
    ratings = load_dataset("synthetic-1000", cache=cache, log=lambda line: None)
    save_ratings(ratings, cache / "shared")
    return ratings, cache / "shared"


@pytest.fixture(scope="module")
def units(ratings):
    """A unit of two trials, one trial that fails since synthetic ratings have no timestamps, and two units of one."""
    load_parts()

    def trial(split: int, protocol: str = "random-80-10-10") -> Trial:
        data, variant = ratings[0], VARIANTS["constant"]
        code = code_version(variant.estimator, "baseline", PROTOCOLS[protocol])
        what = (data.name, data.fingerprint, protocol, "constant", "baseline", "cpu", split, split, split, OptionValues(), code)
        return Trial(*what).identified(variant.options)

    return [(trial(0), trial(1)), (trial(0, "leave-last-1"),), (trial(2),), (trial(3),)]


@pytest.fixture(scope="module")
def outcomes(ratings, units, tmp_path_factory):
    """``outcomes(executor)``: all that it gives for the units, once."""
    done = {}

    def run(name):
        if name not in done:
            ready(name)
            setup = Setup(ratings[1], tmp_path_factory.mktemp("logs"), load_parts, jobs=2)
            done[name] = list(EXECUTORS[name].run(units, setup, lambda line: None))
        return done[name]

    return run


@pytest.mark.parametrize("name", EXECUTORS)
def test_it_says_in_a_line_where_trials_run(name):
    assert EXECUTORS[name].name == name
    assert len(EXECUTORS[name].description) > 10
    assert "\n" not in EXECUTORS[name].description


@pytest.mark.parametrize("name", EXECUTORS)
def test_every_trial_of_every_unit_has_one_outcome(name, outcomes, units):
    counts = Counter(outcome.record.trial for outcome in outcomes(name))
    assert counts == Counter(trial for unit in units for trial in unit)
    assert set(counts.values()) == {1}


@pytest.mark.parametrize("name", EXECUTORS)
def test_a_trial_that_raises_is_a_failed_outcome_with_the_reason_and_the_others_are_ok(name, outcomes):
    status = {outcome.record.trial.protocol: outcome.record for outcome in outcomes(name) if outcome.record.status == "failed"}
    assert list(status) == ["leave-last-1"]
    assert "splits by time, but 'synthetic-1000' has no timestamps" in status["leave-last-1"].reason
    assert sum(outcome.record.status == "ok" for outcome in outcomes(name)) == 4


@pytest.mark.parametrize("name", EXECUTORS)
def test_an_outcome_brings_the_predictions_that_its_record_proves(name, outcomes):
    for outcome in outcomes(name):
        if outcome.record.status == "ok":
            assert outcome.predictions is not None
            assert hashlib.sha256(outcome.predictions).hexdigest() == outcome.record.prediction_sha256
        else:
            assert outcome.predictions is None


@pytest.mark.parametrize("name", EXECUTORS)
def test_it_gives_the_predictions_that_local_gives(name, outcomes):
    first = {one.record.trial_id: one.predictions for one in outcomes("local")}
    assert {one.record.trial_id: one.predictions for one in outcomes(name)} == first
    assert len(set(first.values())) == 5, "four splits and one without"


@pytest.mark.parametrize("name", EXECUTORS)
def test_closing_it_ends_the_work(name, ratings, units, tmp_path):
    ready(name)
    before = set(multiprocessing.active_children())
    setup = Setup(ratings[1], tmp_path, load_parts, jobs=2)
    running = EXECUTORS[name].run(units * 3, setup, lambda line: None)
    next(running)
    running.close()
    assert next(running, None) is None
    assert set(multiprocessing.active_children()) <= before


@pytest.mark.parametrize("name", EXECUTORS)
def test_no_units_are_no_outcomes_and_start_nothing(name, ratings, tmp_path):
    assert list(EXECUTORS[name].run([], Setup(ratings[1], tmp_path, load_parts), lambda line: None)) == []
    assert list(tmp_path.iterdir()) == []
