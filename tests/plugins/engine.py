"""The engine ``constant-rate``: AdamW at a constant learning rate, which shows what the one-cycle schedule is worth."""

from time import perf_counter

import torch

from bench.registry import Engine, register_engine
from cfce.batches import epoch_order
from cfce.engines.engine import trains_by_adam
from cfce.engines.memory import peak_resident_mb
from cfce.engines.network import build_network
from cfce.engines.task import Epoch, Fitted, Task
from cfce.seeds import stream


def fit(task: Task, keep_step_losses: bool) -> Fitted:
    def loss_of(part, rows):
        user, item, level = (torch.from_numpy(column[rows]).long() for column in (part.user, part.item, part.level))
        return task.objective.torch_loss(network(user, item), level, fold.scale)

    fold, options, network = task.fold, task.options, build_network(task)
    optimizer = torch.optim.AdamW(network.parameters(), options.learning_rate, weight_decay=options.weight_decay)
    orders, history, losses, predictions = stream(task.order, "order"), [], [], {}
    for _ in range(options.epochs):
        start, order = perf_counter(), epoch_order(len(fold.train), options.sampler, orders)
        for rows in order[: task.steps * options.batch_size].reshape(task.steps, -1):
            loss = loss_of(fold.train, rows)  # the same weights and batches as in every engine
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            losses.append(loss.item())
        history.append(Epoch(losses[-1], loss_of(fold.valid, slice(None)).item(), perf_counter() - start))
    for part in fold.held_out:
        user, item = torch.from_numpy(fold.part(part).user), torch.from_numpy(fold.part(part).item)
        predictions[part] = task.objective.predict(network(user, item).detach().numpy(), fold.scale)
    seconds, n_parameters = sum(epoch.seconds for epoch in history), sum(one.numel() for one in network.parameters())
    return Fitted(tuple(history), predictions, seconds, peak_resident_mb(), n_parameters, tuple(losses))


register_engine(Engine("constant-rate", "AdamW at one rate", fit, libraries=("numpy", "torch"), refusal=trains_by_adam))
