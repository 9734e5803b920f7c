"""Sharing ranges of rows among threads."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from cfce.estimators.bayes.row_kernels import LANES

Share = Callable[[Callable[[int, int], None], NDArray[np.int64]], None]
"""``share(work, start)``: call ``work(first, last)`` for ranges that cover all rows; ``start`` says how long rows are."""


@contextmanager
def sharing(threads: int) -> Iterator[Share]:
    """A ``Share`` over a pool of threads, or in this thread alone where there is one."""
    if threads == 1:
        yield lambda work, start: work(0, len(start) - 1)
        return
    with ThreadPoolExecutor(threads) as pool:

        def share(work: Callable[[int, int], None], start: NDArray[np.int64]) -> None:
            edges = ranges(start, threads)
            list(pool.map(work, edges[:-1], edges[1:]))

        yield share


def ranges(start: NDArray[np.int64], parts: int) -> list[int]:
    """Edges of at most ``parts`` ranges of rows with about as many ratings each; inner edges are multiples of ``LANES``.

    >>> ranges(np.arange(1001), 3)
    [0, 320, 640, 1000]
    """
    n = len(start) - 1
    wanted = np.searchsorted(start, start[-1] * np.arange(1, parts) / parts)
    inner = {int(edge) // LANES * LANES for edge in wanted}
    return [0, *sorted(edge for edge in inner if 0 < edge < n), n]
