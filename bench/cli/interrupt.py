"""Ctrl-C, every time the same: one line and exit code 130."""

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType

INTERRUPTED = 130
PATIENCE = 3
"""Ctrl-C this often ends the command where it stands, should its clean-up hang."""


class Interrupted(Exception):  # noqa: N818 - the way in which a command ends
    """A command was interrupted and has cleaned up; the text says how it resumes."""


@dataclass
class Interrupts:
    """How often Ctrl-C came: the first raises ``KeyboardInterrupt``, those after it leave the clean-up alone."""

    count: int = 0

    def handle(self, number: int, frame: FrameType | None) -> None:
        """The signal handler."""
        self.count += 1
        if self.count >= PATIENCE:
            os._exit(INTERRUPTED)
        if self.count == 1:
            raise KeyboardInterrupt


@contextlib.contextmanager
def interrupts() -> Iterator[Interrupts]:
    """Count Ctrl-C meanwhile; where it is ignored, as in the background of a shell, it stays so."""
    found = Interrupts()
    ours = threading.current_thread() is threading.main_thread()
    before = signal.getsignal(signal.SIGINT) if ours else None
    if not ours or before is signal.SIG_IGN:
        yield found
        return
    signal.signal(signal.SIGINT, found.handle)
    try:
        yield found
    finally:
        signal.signal(signal.SIGINT, before)
