"""Compiling with numba, kept on disk where that is possible. Importing this file imports numba."""

import warnings
from collections.abc import Callable
from functools import cache
from typing import Any

from numba import config, njit
from numba.core.errors import NumbaError

from cfce.objectives.kernel import signatures


def compiled(signature: Any, fastmath: bool | set[str] = False) -> Callable[[Callable[..., Any]], Any]:
    """Decorator: compile a function for one signature and keep it in numba's cache on disk.

    The cache lies in ``NUMBA_CACHE_DIR``, beside the source, or in the user's cache folder: the first that can be written.
    Where none can, a warning says so once and the function is compiled in memory. A cache that is damaged is made anew.
    With ``NUMBA_DISABLE_JIT``, numba's switch for debugging, the function stays as it is.
    """

    def decorate(function: Callable[..., Any]) -> Any:
        if config.DISABLE_JIT:  # type: ignore[attr-defined]
            return function
        # error_model="numpy": a division that may raise would keep the loops from being vectorised (6 times slower)
        options: Any = {"error_model": "numpy", "nogil": True, "fastmath": fastmath}
        try:
            return _compiled_from_cache(njit(cache=True, **options)(function), signature)
        except (RuntimeError, OSError) as error:  # no folder to write to, or a write that failed
            if isinstance(error, RuntimeError) and "cannot cache" not in str(error):
                raise
            _warn_without_cache()
            return njit(signature, **options)(function)

    return decorate


def _compiled_from_cache(function: Any, signature: Any) -> Any:
    """Compile for one signature, or load what was; where the cache cannot be read, it is emptied and filled again."""
    try:
        function.compile(signature)
    except (NumbaError, OSError):  # of the function itself, or of a folder
        raise
    except Exception:  # whatever half a pickle makes its reader raise
        function.recompile()  # empties the index, and compiles again what was compiled: nothing yet
        function.compile(signature)
    function.disable_compile()
    return function


@cache
def compiled_step(function: Callable[..., Any]) -> Any:
    """An objective's ``Step``, compiled."""
    return compiled(signatures()[0])(function)


@cache
def compiled_output(function: Callable[..., Any]) -> Any:
    """An objective's ``Output``, compiled."""
    return compiled(signatures()[1])(function)


@cache
def _warn_without_cache() -> None:
    warnings.warn(
        "numba can write no cache folder, so the training loops are compiled anew in each process (seconds); "
        "set NUMBA_CACHE_DIR to a folder that can be written",
        stacklevel=1,  # of this file: what imports the kernel first has nothing to do with it
    )
