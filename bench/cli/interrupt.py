"""Ctrl-C, every time the same: one line and exit code 130; and so SIGTERM, with 143."""

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType

INTERRUPTED, TERMINATED = 130, 143
CODES = {signal.SIGINT: INTERRUPTED, signal.SIGTERM: TERMINATED}
PATIENCE = 3
"""Signals this often end the command where it stands, should its clean-up hang."""


class Interrupted(Exception):  # noqa: N818 - the way in which a command ends
    """A command was interrupted and has cleaned up; the text says how it resumes."""


@dataclass
class Interrupts:
    """How often a signal came: the first raises ``KeyboardInterrupt``, those after it leave the clean-up alone."""

    count: int = 0
    code: int = INTERRUPTED
    """The exit code, by the first of them."""

    def handle(self, number: int, frame: FrameType | None) -> None:
        """The signal handler."""
        self.count += 1
        if self.count >= PATIENCE:
            os._exit(self.code)
        if self.count == 1:
            self.code = CODES[signal.Signals(number)]
            raise KeyboardInterrupt


@contextlib.contextmanager
def interrupts() -> Iterator[Interrupts]:
    """Count the signals meanwhile; one that is ignored, as Ctrl-C is in the background of a shell, stays so."""
    found = Interrupts()
    ours = threading.current_thread() is threading.main_thread()
    before = {number: signal.getsignal(number) for number in CODES} if ours else {}
    heard = {number: handler for number, handler in before.items() if handler is not signal.SIG_IGN}
    for number in heard:
        signal.signal(number, found.handle)
    try:
        yield found
    finally:
        for number, handler in heard.items():
            signal.signal(number, handler)
