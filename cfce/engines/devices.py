"""Which devices this machine has."""

import ctypes
import sys
from functools import cache

from cfce.errors import UserError, unknown_name

DEVICES = ("cpu", "cuda")
"""Devices by name; ``cuda`` is the first CUDA device."""

_DRIVER = "nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1"


@cache
def _has_cuda() -> bool:
    try:
        ctypes.CDLL(_DRIVER)
    except OSError:
        return False  # no driver: importing torch, a second or more, could not find a device either
    import torch

    return torch.cuda.is_available()


def available_devices() -> list[str]:
    """``["cpu"]``, or ``["cpu", "cuda"]`` where CUDA works; torch is imported only where a CUDA driver can be loaded."""
    return ["cpu", "cuda"] if _has_cuda() else ["cpu"]


def check_device(device: str) -> None:
    """Raise ``UserError`` for a device that does not exist, or that this machine does not have."""
    if device not in DEVICES:
        raise unknown_name("device", device, DEVICES)
    here = available_devices()
    if device not in here:
        raise UserError(f"device '{device}' came, but no CUDA device was found here; use --devices {','.join(here)}")
