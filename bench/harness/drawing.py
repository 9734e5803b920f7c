"""Diagrams of variants, drawn by processes of their own while others train: building a variant runs a plug-in's code.

Those of built-in variants that an earlier run drew are taken from the cache.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence

from bench.harness.child import Child, ChildFailed
from bench.harness.kept_diagrams import keep_diagram, kept_diagram
from bench.variants.variant import VARIANTS
from cfce.errors import UserError
from cfce.models.sizes import Sizes

PATIENCE = 60.0
"""Seconds that a diagram may take."""

LIBRARIES = ("torch.fx", "bench.tools.describe")
"""What is imported before that."""

Wanted = tuple[str, Sizes]


class Drawing:
    """Draws diagrams in a child, and in another child after one that failed; only the diagram to blame is missing.

    A context manager: at its end no process is left.
    """

    def __init__(self, wanted: Sequence[Wanted], prepare: Callable[[], None], patience: float = PATIENCE) -> None:
        kept = {name: kept_diagram(name, sizes) for name, sizes in wanted}
        self._kept = {name: text for name, text in kept.items() if text is not None}
        self._waiting = deque(one for one in wanted if one[0] not in self._kept)
        self._prepare = prepare
        self._patience = patience
        self._child: Child | None = None

    def __enter__(self) -> "Drawing":
        self._start()
        return self

    def __exit__(self, *error: object) -> None:
        if self._child is not None:
            self._child.end()

    def finish(self) -> tuple[dict[str, str], dict[str, str]]:
        """Wait for the diagrams: variant to Mermaid text, and variant to why there is none."""
        drawn = dict(self._kept)
        failed: dict[str, str] = {}
        while self._waiting and self._child is not None:
            try:
                for text in self._child.results(self._patience):
                    name, sizes = self._waiting.popleft()
                    drawn[name] = text
                    keep_diagram(name, sizes, text)
            except (ChildFailed, UserError) as error:
                to_blame = 1 if self._child.is_ready else len(self._waiting)  # a child that never was ready would not be again
                for _ in range(to_blame):
                    failed[self._waiting.popleft()[0]] = str(error)
                self._child.end()
                self._start()
        return drawn, failed

    def _start(self) -> None:
        self._child = None
        if self._waiting:
            try:
                self._child = Child(draw, (tuple(self._waiting),), self._prepare, LIBRARIES)
            except OSError:  # no process can be started, which the trials tell too
                self._child = None


def draw(wanted: Sequence[Wanted]) -> Iterator[str]:
    """The Mermaid text of each variant."""
    from bench.tools.describe import mermaid

    for name, sizes in wanted:
        yield mermaid(VARIANTS[name], sizes)
