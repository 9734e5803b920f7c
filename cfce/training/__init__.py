"""Training: options, the one-cycle schedule, and the engines behind one function."""

from cfce.training.devices import available_devices
from cfce.training.engines import ENGINES, TRAINABLE, default_engine, engines_for, fit, fit_stacked
from cfce.training.task import Epoch, Fitted, Task

__all__ = [
    "ENGINES",
    "TRAINABLE",
    "Epoch",
    "Fitted",
    "Task",
    "available_devices",
    "default_engine",
    "engines_for",
    "fit",
    "fit_stacked",
]
