"""What a run needs and whether it is here."""

import importlib.util
import os
import platform
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.study.environment import PACKAGES, cores, cpu_name, cuda_name, versions


@dataclass(frozen=True)
class Finding:
    """One line: what was looked for, what was found, and whether a run can do with it."""

    what: str
    found: str
    well: bool = True


def examine() -> list[Finding]:
    """Every finding: Python and libraries, cores and devices, caches, the output folder, the data."""
    return [*_software(), *_machine(), *_places()]


def _software() -> Iterator[Finding]:
    yield Finding("python", platform.python_version())
    installed = versions()
    for package in PACKAGES:
        yield Finding(package, installed.get(package, "not installed; run: python -m pip install -e ."), package in installed)


def _machine() -> Iterator[Finding]:
    from cfce.engines.devices import available_devices

    yield Finding("cpu", f"{cpu_name()}, {cores()} cores")
    cuda = "cuda" in available_devices()
    yield Finding("cuda", cuda_name() if cuda else "no CUDA device was found; trials train on cpu")


def _places() -> Iterator[Finding]:
    from cfce.datasets import cache_dir

    cache = cache_dir()
    yield _writable("data cache", cache)
    held = sorted(path.name for path in cache.iterdir() if not path.name.startswith(".")) if cache.is_dir() else []
    yield Finding("cached data", ", ".join(held) or "none yet; the first 'bench run' fetches ml-100k")
    numba_cache = os.environ.get("NUMBA_CACHE_DIR")
    spec = importlib.util.find_spec("cfce")
    origin = Path(spec.origin).parent if spec and spec.origin else Path.cwd()
    kernels = Path(numba_cache) if numba_cache else origin
    yield _writable("kernel cache", Path(numba_cache) if numba_cache else origin / "__pycache__")
    damaged = [path for path in kernels.glob("**/*.nb[ic]") if not _is_whole(path)]
    if damaged:
        yield Finding("kernels", f"{len(damaged)} compiled kernels are cut off, such as '{damaged[0]}'; a run compiles them anew")
    yield _writable("reports", Path("reports"))


def _is_whole(path: Path) -> bool:
    """Whether a file of numba's cache has an end: it is a pickle, and these end in a full stop."""
    try:
        return path.read_bytes()[-1:] == b"."
    except OSError:
        return True


def _writable(what: str, folder: Path) -> Finding:
    """Whether files can be made in a folder, or in the nearest folder above it that exists."""
    place = folder.expanduser().absolute()
    while not place.exists():
        place = place.parent
    try:
        with tempfile.TemporaryFile(dir=place):
            return Finding(what, str(folder))
    except OSError as error:
        return Finding(what, f"'{folder}' cannot be written ({error.strerror}); make it writable", well=False)
