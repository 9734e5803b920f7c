"""Diagrams of built-in variants, kept in the cache: drawing one takes torch, whose import takes the time of ten trials."""

import contextlib
import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from bench.variants.variant import VARIANTS
from cfce.datasets.cache import cache_dir
from cfce.files import write_whole
from cfce.models.sizes import Sizes
from cfce.registry import BUILT_IN

ROOT = Path(__file__).parents[2]
DRAWS = ("cfce/**/*.py", "bench/variants/built_in.py", "bench/diagrams/*.py", "bench/tools/describe.py", "bench/tools/labels.py")
"""The source that decides how a built-in variant is drawn, and more."""


def kept_diagram(name: str, sizes: Sizes) -> str | None:
    """The Mermaid text that an earlier run drew of a variant for these sizes by the same source; None where there is none."""
    if VARIANTS.source(name) != BUILT_IN:
        return None  # what a plug-in draws may depend on anything
    try:
        return _file(name, sizes).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None


def keep_diagram(name: str, sizes: Sizes, text: str) -> None:
    """Keep what was drawn of a built-in variant; where the cache cannot be written, the next run draws it again."""
    if VARIANTS.source(name) == BUILT_IN:
        with contextlib.suppress(OSError):
            write_whole(_file(name, sizes), text.encode())


def _file(name: str, sizes: Sizes) -> Path:
    told = (_source(), name, VARIANTS[name].description, repr(sizes))
    return cache_dir() / "diagrams" / f"{hashlib.sha256(repr(told).encode()).hexdigest()[:32]}.mmd"


@cache
def _source() -> str:
    """A digest of the source in ``DRAWS``, and of the version of torch."""
    digest = hashlib.sha256()
    with contextlib.suppress(PackageNotFoundError):
        digest.update(version("torch").encode())
    for path in sorted(path for pattern in DRAWS for path in ROOT.glob(pattern)):
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
