"""The one-cycle schedule is fastai's, step by step."""

import numpy as np
import pytest

from cfce.engines.schedule import one_cycle


@pytest.mark.parametrize(("n_steps", "n_epochs"), [(40, 1), (35, 5), (7, 3)])
def test_rates_and_momenta_are_those_that_fastais_recorder_saw(n_steps, n_epochs):
    """Over several epochs, with a number of steps that the rise's quarter does not divide."""
    from cfce.engines.fastai_engine import quiet_fastai

    with quiet_fastai():
        import torch
        from fastai.callback.schedule import ParamScheduler  # noqa: F401 - adds fit_one_cycle to Learner
        from fastai.data.core import DataLoaders
        from fastai.learner import Learner

        batches = [(torch.ones(2, 1), torch.ones(2, 1))] * n_steps
        learner = Learner(DataLoaders(batches, batches[:1]), torch.nn.Linear(1, 1), loss_func=torch.nn.functional.mse_loss)
        with learner.no_bar(), learner.no_logging():
            learner.fit_one_cycle(n_epochs, 0.1)
    rates, momenta = one_cycle(0.1, n_steps * n_epochs)
    np.testing.assert_allclose(rates, learner.recorder.hps["lr"], rtol=1e-5, atol=1e-9)
    np.testing.assert_allclose(momenta, learner.recorder.hps["mom"], rtol=1e-6)


def test_the_rate_peaks_after_a_quarter_where_the_momentum_is_lowest():
    rates, momenta = one_cycle(0.3, 100)
    assert rates.argmax() == momenta.argmin() == 25
    assert rates[25] == pytest.approx(0.3)
    assert momenta[25] == pytest.approx(0.85)
    assert (rates[0], momenta[0]) == pytest.approx((0.3 / 25, 0.95))
