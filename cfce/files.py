"""Files that are whole or absent: written under a temporary name in the same folder, flushed and renamed."""

import contextlib
import errno
import os
import secrets
import tempfile
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


def check_writable(folder: Path) -> None:
    """Make a folder and a file in it, which goes again; ``OSError`` where that cannot be done."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder):
        pass
