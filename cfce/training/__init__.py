"""Training of networks: options, the one-cycle schedule, and the loops of the engines."""

from cfce.training.devices import available_devices, check_device
from cfce.training.task import Epoch, Fitted, Task

__all__ = ["Epoch", "Fitted", "Task", "available_devices", "check_device"]
