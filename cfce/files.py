"""Files and folders that are whole or absent: made under a random temporary name in the same folder, then renamed."""

import contextlib
import errno
import glob
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

NO_ROOM = frozenset((errno.ENOSPC, errno.EPIPE, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO))
"""Errors of a disk that is full, over its quota, read-only or broken, and of a pipe that is read no more."""


def write_whole(path: Path, content: bytes) -> None:
    """Write a file at once: a reader sees the old content or the new, never a part.

    The temporary file is made anew under a random name, so that no link that lies there is followed and two writers do
    not meet; its name begins with a dot and ends with ``.tmp``. The folder is made where it is missing.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name[:80]}.{secrets.token_hex(8)}.tmp")
    try:
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError as error:
        raise type(error)(error.errno, error.strerror, str(path)) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """Where a folder is to be made: it takes its name when the block ends, and goes where the block raises.

    It is made inside a temporary folder of a random name beside ``folder``, which nobody else may enter. The caller holds a
    lock on ``folder``, so what lies under such names is of a process that was killed, and goes first.
    """
    start = f".{folder.name[-80:]}."
    for left in folder.parent.glob(f"{glob.escape(start)}*.tmp"):
        shutil.rmtree(left, ignore_errors=True)  # leaves a link alone
    with tempfile.TemporaryDirectory(prefix=start, suffix=".tmp", dir=folder.parent, ignore_cleanup_errors=True) as place:
        made = Path(place) / "whole"
        yield made
        made.rename(folder)


def check_writable(folder: Path) -> None:
    """Make a folder and a file in it, which goes again; ``OSError`` where that cannot be done."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder):
        pass
