"""Rows that wait for their steps end where dense Adam takes them."""

import numpy as np
import pytest
import torch

from cfce.engines.row_adam import RowAdam
from cfce.engines.schedule import one_cycle
from cfce.engines.torch_adam import Adam


@pytest.mark.parametrize("decay", [0.0, 0.3])
def test_two_tables_at_once_step_as_by_dense_adam_at_their_own_rates(decay):
    """400 steps of a schedule; few rows are met, one of them twice in a step, one with two gradients, one never."""
    rng = np.random.default_rng(0)
    first = torch.from_numpy(rng.normal(0, 0.1, (2, 30, 7)).astype(np.float32))
    schedules = [one_cycle(rate, 400) for rate in (0.01, 0.1)]
    ours = first.clone()
    rows_adam = RowAdam(ours, np.stack([rates for rates, _ in schedules]), schedules[0][1], decay)
    theirs = first.clone()
    dense = [Adam([table], decay) for table in theirs]
    for step in range(400):
        rows = torch.from_numpy(rng.integers(0, 29, (2, 4)) + np.array([[0], [30]]))
        rows_adam.meet(rows.view(-1))
        rows_adam.meet(rows[:, :1].reshape(-1))
        torch.testing.assert_close(ours.view(-1, 7)[rows], theirs.view(-1, 7)[rows], rtol=2e-5, atol=2e-6)
        gradient = torch.zeros_like(first)
        for chosen in (rows, rows[:, :1]):
            part = torch.from_numpy(rng.normal(0, 1e-3, (*chosen.shape, 7)).astype(np.float32))
            rows_adam.add(chosen.reshape(-1), part)
            gradient.view(-1, 7).index_add_(0, chosen.reshape(-1), part.view(-1, 7))
        rows_adam.step()
        for trial, adam in enumerate(dense):
            adam.step([gradient[trial]], float(schedules[trial][0][step]), float(schedules[trial][1][step]))
    rows_adam.settle()
    torch.testing.assert_close(ours, theirs, rtol=2e-5, atol=2e-6)
    assert not torch.equal(ours[:, 29], first[:, 29]) or decay == 0  # no batch met these, but they decay
