"""Where a study ran: Python, machine, libraries."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = (
    "cfce-bench",
    "fastai",
    "matplotlib",
    "numba",
    "numpy",
    "pandas",
    "pyarrow",
    "scipy",
    "seaborn",
    "torch",
)


def environment(devices: tuple[str, ...] = ("cpu",)) -> dict[str, Any]:
    """The machine and the versions, as ``study.json`` holds them; the name of the CUDA device where one is trained on."""
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cpu": cpu_name(),
        "cores": cores(),
        "cuda_device": cuda_name() if "cuda" in devices else None,
        "versions": versions(),
    }


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def cpu_name() -> str:
    """The processor's own name where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    for line in lines:
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def cuda_name() -> str:
    """The name of the first CUDA device."""
    import torch

    return str(torch.cuda.get_device_name(0))


def versions() -> dict[str, str]:
    """Package to its installed version; packages that are absent are left out."""
    found = {}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
