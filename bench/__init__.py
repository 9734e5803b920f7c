"""Run, compare and report fits of collaborative filtering variants."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bench.commands import run, tune
    from bench.notebook import Study, load_study

__all__ = ["Study", "load_study", "run", "tune"]


def __getattr__(name: str) -> Any:
    """What ``__all__`` names, imported when first asked for: a worker needs none of it, and it takes a second."""
    if name in ("run", "tune"):
        from bench import commands

        return getattr(commands, name)
    if name in __all__:
        from bench import notebook

        return getattr(notebook, name)
    raise AttributeError(f"module 'bench' has no attribute '{name}'")
