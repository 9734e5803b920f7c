"""fastai's Adam by torch's fused AdamW kernel. Importing this file imports torch.

Both decay first (``p *= 1 - rate * decay``), average the gradient and its square with dampening, put epsilon outside the
root, and correct both averages by ``1 - beta ** step`` with the *current* momentum, so the kernel called with this step's
rate and momentum is fastai's optimiser. ``torch.optim.AdamW`` would be the same kernel behind 50 microseconds of checks.

Source: Loshchilov and Hutter, Decoupled Weight Decay Regularization (2019); ``fastai.optimizer.Adam``.
"""

from collections.abc import Sequence

import torch
from torch import nn

from cfce.engines.adam import EPS, SQR_MOM
from cfce.engines.denormals import CLEAN_EVERY, NOTHING, NOTHING_SQUARED

_NORMS = (
    nn.BatchNorm1d,
    nn.BatchNorm2d,
    nn.BatchNorm3d,
    nn.InstanceNorm1d,
    nn.InstanceNorm2d,
    nn.InstanceNorm3d,
    nn.LayerNorm,
)


class Adam:
    """One optimiser over some tensors, which it steps in place: each with its averages and a count of steps on its device.

    >>> weight = torch.tensor([1.0])
    >>> Adam([weight], weight_decay=0.1).step([torch.tensor([2.0])], rate=0.5, momentum=0.9)
    >>> round(weight.item(), 4)  # 1 * (1 - 0.5 * 0.1) - 0.5 * 2 / (2 + 1e-5)
    0.45
    """

    def __init__(self, tensors: Sequence[torch.Tensor], weight_decay: float) -> None:
        self._tensors = [tensor.detach() for tensor in tensors]
        self._averages = [torch.zeros_like(tensor) for tensor in self._tensors]
        self._squares = [torch.zeros_like(tensor) for tensor in self._tensors]
        device = self._tensors[0].device if self._tensors else None
        self._step = torch.zeros((), dtype=torch.float32, device=device)
        self._steps = [self._step] * len(self._tensors)  # all of them have taken the same steps
        self._taken = 0
        self._no_maxima: list[torch.Tensor] = []  # those are AMSGrad's
        self._weight_decay = weight_decay

    def step(self, gradients: Sequence[torch.Tensor], rate: float, momentum: float) -> None:
        """Take one step; ``gradients`` are in the order of the tensors."""
        gradients = [gradient.contiguous() for gradient in gradients]  # the kernel reads memory in order
        self._step += 1
        self._taken += 1
        if self._taken % CLEAN_EVERY == 0 and self._step.device.type == "cpu":  # elsewhere denormals cost nothing
            for average in self._averages:
                average.masked_fill_(average.abs() < NOTHING, 0.0)
            for square in self._squares:
                square.masked_fill_(square < NOTHING_SQUARED, 0.0)
        torch._fused_adamw_(
            self._tensors,
            gradients,
            self._averages,
            self._squares,
            self._no_maxima,
            self._steps,
            lr=rate,
            beta1=momentum,
            beta2=SQR_MOM,
            weight_decay=self._weight_decay,
            eps=EPS,
            amsgrad=False,
            maximize=False,
        )


def undecayed(network: nn.Module) -> set[str]:
    """The names of the parameters that do not decay, as fastai's: those of norms, and each module's own ``bias``.

    >>> sorted(undecayed(nn.Sequential(nn.Linear(2, 2), nn.LayerNorm(2))))
    ['0.bias', '1.bias', '1.weight']
    """
    exempt: set[int] = set()
    for module in network.modules():
        if isinstance(module, _NORMS):
            exempt |= {id(parameter) for parameter in module.parameters()}
        bias = getattr(module, "bias", None)
        if isinstance(bias, nn.Parameter):
            exempt.add(id(bias))
    return {name for name, parameter in network.named_parameters() if id(parameter) in exempt}
