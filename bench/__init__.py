"""Run, compare and report fits of collaborative filtering variants."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bench.notebook import Study, load_study

__all__ = ["Study", "load_study"]


def __getattr__(name: str) -> Any:
    """``Study`` and ``load_study``, imported when first asked for: a worker needs neither, and they take a second."""
    if name in __all__:
        from bench import notebook

        return getattr(notebook, name)
    raise AttributeError(f"module 'bench' has no attribute '{name}'")
