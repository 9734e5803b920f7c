from collections import Counter
from dataclasses import asdict, replace

from bench.harness.unit import units_of
from bench.plan.trial import Trial
from cfce.options import OptionValues, TrainingOptions

BASE = Trial("data", "f" * 64, "random-80-20", "ce", "torch", "cpu", 0, 0, 0, OptionValues(asdict(TrainingOptions())), "code")


def grid(engine="torch", device="cpu", variants=("ce",), seeds=6, rates=(0.1, 0.2)):
    return [
        replace(
            BASE,
            engine=engine,
            device=device,
            variant=variant,
            split=s,
            seed=s,
            order=s,
            options=BASE.options.replaced(learning_rate=rate),
        )
        for s in range(seeds)
        for variant in variants
        for rate in rates
    ]


def test_every_trial_is_in_exactly_one_unit():
    trials = grid() + grid(engine="fused") + grid(variants=("regression", "mine"), device="cuda")
    units = units_of(trials, 5)
    assert Counter(trial for unit in units for trial in unit) == Counter(trials)


def test_only_trials_of_the_torch_engine_are_batched():
    assert {len(unit) for unit in units_of(grid(engine="fused"), 4)} == {1}
    assert [len(unit) for unit in units_of(grid(), 4)] == [4, 4, 4]
    assert {len(unit) for unit in units_of(grid(), 1)} == {1}


def test_a_batch_holds_one_variant_one_device_and_one_batch_size():
    trials = grid(variants=("ce", "regression")) + grid(device="cuda")
    trials += [replace(trial, options=trial.options.replaced(batch_size=32)) for trial in grid()]
    for unit in units_of(trials, 100):
        assert len({(t.variant, t.device, t.options["batch_size"]) for t in unit}) == 1


def test_automatic_batches_give_every_job_its_share_on_the_cpu_and_one_pass_on_cuda():
    assert [len(unit) for unit in units_of(grid(), None, jobs=4)] == [3, 3, 3, 3]
    assert [len(unit) for unit in units_of(grid(seeds=20), None, jobs=2)] == [8] * 5
    assert [len(unit) for unit in units_of(grid(seeds=20, device="cuda"), None, jobs=4)] == [40]
