"""The torch engine on a CUDA device: the code that the CPU tests run, and what only a device can show."""

import numpy as np
import pytest
import torch

from cfce.engines.torch_engine import fit, fit_batched

pytestmark = [
    pytest.mark.cuda,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA device"),
]


@pytest.mark.parametrize("objective", ["squared-error", "cross-entropy", "cross-entropy-sigmoid"])
def test_the_device_trains_what_the_cpu_trains(make_task, objective):
    on_cpu, on_cuda = (
        fit(make_task(objective, 6400, learning_rate=0.05, device=device), keep_step_losses=True) for device in ("cpu", "cuda")
    )
    np.testing.assert_allclose(on_cuda.step_losses, on_cpu.step_losses, rtol=1e-4, atol=1e-4)
    assert on_cuda.history[-1].valid_loss == pytest.approx(on_cpu.history[-1].valid_loss, rel=1e-3)
    assert on_cuda.fit_seconds > 0
    assert on_cuda.peak_memory_mb > 0.1


def test_a_batch_trains_what_its_trials_train_alone(make_task):
    told = []
    tasks = [make_task("cross-entropy", 1600, seed=i, order=i, learning_rate=0.02 * (1 + i % 2), device="cuda") for i in range(4)]
    for task, one in zip(tasks, fit_batched(tasks, log=told.append, keep_step_losses=True), strict=True):
        np.testing.assert_allclose(one.step_losses, fit(task, keep_step_losses=True).step_losses, rtol=1e-3, atol=1e-4)
    assert told == []


@pytest.mark.filterwarnings("ignore:Synchronization debug mode")
def test_no_step_waits_for_the_device_but_an_epochs_first_which_is_checked(make_task, monkeypatch):
    from cfce.engines.batched_networks import BatchedNetworks

    step, watched = BatchedNetworks.step, []

    def step_that_may_not_wait(self, *arguments):
        if self._new_epoch:
            return step(self, *arguments)
        watched.append(self)
        torch.cuda.set_sync_debug_mode("error")
        try:
            return step(self, *arguments)
        finally:
            torch.cuda.set_sync_debug_mode("default")

    monkeypatch.setattr(BatchedNetworks, "step", step_that_may_not_wait)
    for objective in ("squared-error", "hl-gauss"):
        fit_batched([make_task(objective, 1600, seed=i, device="cuda") for i in range(3)])
    assert len(watched) == 2 * (1600 // 64 - 1)


def test_a_batch_gives_the_same_bits_again(make_task):
    tasks = [make_task("cross-entropy", 1600, seed=i, device="cuda") for i in range(3)]
    first, second = (fit_batched(tasks, keep_step_losses=True) for _ in range(2))
    assert [one.step_losses for one in first] == [one.step_losses for one in second]


def test_the_automatic_batch_fits_into_the_device(make_task):
    fitted = fit_batched([make_task(n_train=800, seed=i, device="cuda") for i in range(70)])
    assert len(fitted) == 70
    assert all(one.diverged is None for one in fitted)


@pytest.mark.parametrize(
    "objective", ["gaussian", "softmax", "hl-gauss", "cumulative-logit", "cumulative-probit", "ordrec", "rps", "corn"]
)
def test_every_family_trains_there_what_it_trains_on_the_cpu(make_task, objective):
    on_cpu, on_cuda = (
        fit(make_task(objective, 1600, learning_rate=0.02, device=device), keep_step_losses=True) for device in ("cpu", "cuda")
    )
    np.testing.assert_allclose(on_cuda.step_losses, on_cpu.step_losses, rtol=1e-3, atol=1e-4)
