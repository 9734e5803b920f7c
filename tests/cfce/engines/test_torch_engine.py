import numpy as np
import pytest
import torch

from cfce.engines.fastai_engine import fit as fit_by_fastai
from cfce.engines.fastai_engine import quiet_fastai
from cfce.engines.schedule import one_cycle
from cfce.engines.torch_adam import Adam
from cfce.engines.torch_engine import fit
from cfce.objectives import OBJECTIVES

from .torch_scorers import TwoTowers, branching, two_towers, with_dropout

pytestmark = pytest.mark.usefixtures("one_thread")


def assert_trains_as_fastai(task):
    ours, theirs = fit(task, keep_step_losses=True), fit_by_fastai(task, keep_step_losses=True)
    assert len(ours.step_losses) == len(theirs.step_losses) >= 100
    np.testing.assert_allclose(ours.step_losses[:100], theirs.step_losses[:100], atol=1e-5, rtol=1e-5)
    np.testing.assert_allclose(ours.step_losses, theirs.step_losses, rtol=1e-3)
    for own, reference in zip(ours.history, theirs.history, strict=True):
        assert own.train_loss == pytest.approx(reference.train_loss, rel=1e-4)
        assert own.valid_loss == pytest.approx(reference.valid_loss, rel=1e-3)
    assert ours.n_parameters == theirs.n_parameters
    for part, prediction in theirs.predictions.items():
        np.testing.assert_allclose(ours.predictions[part].decode("mean"), prediction.decode("mean"), atol=2e-3)


@pytest.mark.parametrize(
    ("objective", "sampler", "batch_size", "n_train"),
    [
        ("squared-error", "permutation", 16, 1600),
        ("squared-error", "bootstrap", 64, 6405),  # with a partial last batch
        ("cross-entropy", "permutation", 16, 1607),
        ("cross-entropy", "bootstrap", 16, 1600),
        ("cross-entropy-sigmoid", "permutation", 16, 1600),
    ],
)
def test_step_losses_are_those_of_fastais_learner(make_task, objective, sampler, batch_size, n_train):
    assert_trains_as_fastai(
        make_task(objective, n_train, sampler=sampler, batch_size=batch_size, learning_rate=0.05, weight_decay=0.3)
    )


def test_a_users_module_with_norms_biases_and_an_unused_parameter_trains_as_by_fastai(make_task):
    """What decays and what does not shows at this learning rate."""
    assert_trains_as_fastai(make_task(scorer=two_towers, n_train=1600, batch_size=16, learning_rate=0.02, weight_decay=2.0))


def test_a_module_that_branches_on_values_trains(make_task):
    fitted = fit(make_task(scorer=branching, n_train=1600, epochs=3, learning_rate=0.02))
    assert fitted.diverged is None
    assert fitted.history[-1].valid_loss < fitted.history[0].valid_loss


def test_the_optimiser_steps_as_fastais_under_a_one_cycle_schedule():
    with quiet_fastai():
        from fastai.optimizer import Adam as FastaiAdam
    generator = torch.Generator().manual_seed(0)
    ours = torch.randn(7, generator=generator)
    theirs = torch.nn.Parameter(ours.clone())
    adam, reference = Adam([ours], weight_decay=0.3), FastaiAdam([theirs], lr=1.0, wd=0.3)
    for rate, momentum in zip(*one_cycle(0.1, 60), strict=True):
        gradient = torch.randn(7, generator=generator) * 1e-3  # small enough for epsilon to matter
        theirs.grad = gradient.clone()
        reference.set_hypers(lr=float(rate), mom=float(momentum))
        reference.step()
        adam.step([gradient], float(rate), float(momentum))
        torch.testing.assert_close(ours, theirs.detach(), rtol=1e-6, atol=1e-6)


def test_the_same_task_gives_the_same_bits(make_task):
    for scorer in (make_task().scorer, with_dropout):
        first, second = (fit(make_task(scorer=scorer, n_train=1600), keep_step_losses=True) for _ in range(2))
        if scorer is with_dropout:  # its masks come from the task's seed
            assert first.step_losses != fit(make_task(scorer=scorer, n_train=1600, seed=7), keep_step_losses=True).step_losses
        assert first.step_losses == second.step_losses
        assert np.array_equal(first.predictions["test"].points, second.predictions["test"].points)


def test_the_fit_leaves_torchs_generator_and_threads_as_they_were(make_task):
    before, threads = torch.get_rng_state(), torch.get_num_threads()
    fit(make_task(scorer=with_dropout))
    assert torch.equal(before, torch.get_rng_state())
    assert torch.get_num_threads() == threads


def test_a_diverged_training_keeps_its_losses(make_task):
    fitted = fit(make_task(learning_rate=1e30, epochs=2))
    assert fitted.diverged is not None
    assert "loss of epoch 1 is nan" in fitted.diverged
    assert len(fitted.history) == 2


def test_held_out_parts_larger_than_a_piece_are_prediction_in_pieces(make_task, monkeypatch):
    task = make_task("cross-entropy", 1600)
    whole = fit(task)
    monkeypatch.setattr("cfce.engines.torch_loop.ROWS_AT_ONCE", 7)
    pieces = fit(task)
    assert pieces.history[0].valid_loss == pytest.approx(whole.history[0].valid_loss, rel=1e-6)
    np.testing.assert_allclose(
        pieces.predictions["valid"].probabilities, whole.predictions["valid"].probabilities, rtol=1e-5, atol=1e-7
    )
    assert len(pieces.predictions["valid"]) == len(task.fold.valid)


@pytest.mark.parametrize("objective", sorted(OBJECTIVES))
def test_a_loss_falls_and_the_figures_are_filled(make_task, objective):
    fitted = fit(make_task(objective, 1600, epochs=3, learning_rate=0.01, scale=(0.5, 1.0, 1.5, 2.0)))
    assert fitted.history[-1].valid_loss < fitted.history[0].valid_loss
    assert fitted.fit_seconds == pytest.approx(sum(epoch.seconds for epoch in fitted.history))
    assert fitted.peak_memory_mb > 1
    assert set(fitted.predictions) == {"valid", "test"}
    assert fitted.step_losses == ()


def test_sparse_gradients_of_a_users_embedding_are_trained_as_dense_ones(make_task):
    def sparse(sizes):
        module = TwoTowers(sizes)
        module.user.sparse = True
        return module

    dense, thin = (fit(make_task(scorer=scorer, n_train=1600), keep_step_losses=True) for scorer in (two_towers, sparse))
    np.testing.assert_allclose(thin.step_losses, dense.step_losses, rtol=1e-5)
