"""Which code trained a trial: a hash that changes when a result could change."""

import hashlib
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import cfce
from bench.registry import Variant

LIBRARIES = {
    "fastai": ("fastai", "fastcore", "numpy", "torch"),
    "torch": ("numpy", "torch"),
    "fused": ("numba", "numpy"),
    "baseline": ("numpy", "scipy"),
}
"""Engine to the libraries whose version can change what it trains."""


def code_version(variant: Variant, engine: str) -> str:
    """What trains a variant with an engine, as the first 16 hexadecimal digits of a SHA-256.

    It covers the source of ``cfce``, the versions of the engine's libraries and the file that defines the scorer.
    Readers of data are left out: what they gave is in the data's fingerprint.
    """
    digest = hashlib.sha256(_cfce_digest())
    for library in LIBRARIES[engine]:
        digest.update(f"{library}={_version(library)}\0".encode())
    digest.update(f"{variant.objective}\0".encode())
    if variant.scorer is not None:
        module = sys.modules.get(getattr(variant.scorer, "__module__", ""))
        file = getattr(module, "__file__", None)
        if file is not None:
            digest.update(Path(file).read_bytes())
        digest.update(getattr(variant.scorer, "__qualname__", repr(variant.scorer)).encode())
    return digest.hexdigest()[:16]


@cache
def _cfce_digest() -> bytes:
    """The digest of every source file of ``cfce`` but its datasets."""
    assert cfce.__file__ is not None
    root = Path(cfce.__file__).parent
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        relative = path.relative_to(root).as_posix()
        if not relative.startswith("datasets"):
            digest.update(relative.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.digest()


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "absent"
