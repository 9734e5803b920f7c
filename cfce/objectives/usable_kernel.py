"""Whether the kernel of an objective is that of its own loss."""

from cfce.objectives.base import Objective


def has_usable_kernel(objective: Objective) -> bool:
    """Whether the fused engine may train an objective by its kernel.

    It may where the class that defines ``kernel`` is at least as derived as those that define ``torch_loss`` and
    ``torch_head``: a subclass that overrides one of these and inherits the kernel would else train its parent's loss.
    """
    lineage = type(objective).__mro__

    def depth(method: str) -> int:
        return next(at for at, kind in enumerate(lineage) if method in vars(kind))

    kernel = depth("kernel")
    return lineage[kernel] is not Objective and kernel <= min(depth("torch_loss"), depth("torch_head"))
