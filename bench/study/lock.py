"""One command at a time in a study folder."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from bench.study.inside import check_inside
from cfce.errors import UserError

LOCK = "run.lock"
HOLDER = "run-holder.lock"


@contextmanager
def study_lock(folder: Path) -> Iterator[None]:
    """Hold a folder; ``UserError`` names the process that holds it already.

    The system frees the lock when its holder dies, however it dies, so a dead process never blocks a folder.
    """
    check_inside(folder)
    lock = FileLock(folder / LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise UserError(
            f"'{folder}' is in use by process {_holder(folder)}; wait until it ends, stop it, or pass another --out"
        ) from None
    try:
        (folder / HOLDER).write_text(f"{os.getpid()}\n")
        yield
    finally:
        (folder / HOLDER).unlink(missing_ok=True)
        lock.release()


def _holder(folder: Path) -> str:
    try:
        return (folder / HOLDER).read_text().strip() or "that just started"
    except OSError:
        return "that just started"
