"""The temporary folder of a slot on a node: Ray ends processes without a word, so those of ended ones are removed by the next."""

import shutil
import time
from pathlib import Path
from tempfile import gettempdir, mkdtemp

from filelock import FileLock, Timeout

PREFIX = "cfce-ray-"
LOCK = "held.lock"
YOUNG = 60.0
"""Seconds for which a folder is left alone: its process may not hold it yet."""


class Scratch:
    """A new folder, held until ``end`` or until this process ends, however it does."""

    def __init__(self) -> None:
        _remove_those_of_ended_processes()
        self.path = Path(mkdtemp(prefix=PREFIX))
        self._lock = FileLock(self.path / LOCK)
        self._lock.acquire()

    def end(self) -> None:
        """Remove it."""
        self._lock.release()
        shutil.rmtree(self.path, ignore_errors=True)


def _remove_those_of_ended_processes() -> None:
    for folder in Path(gettempdir()).glob(f"{PREFIX}*"):
        try:
            if folder.is_symlink() or time.time() - folder.stat().st_mtime < YOUNG:
                continue
            with FileLock(folder / LOCK, timeout=0):
                shutil.rmtree(folder, ignore_errors=True)
        except (OSError, Timeout):  # another user's, held, or gone meanwhile
            continue
