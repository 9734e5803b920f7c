"""What ratings from a path are called: a file's name is a label, and proves nothing of what it holds."""

import re
from collections.abc import Callable
from pathlib import Path

_SLICE = re.compile(r".+-first-[1-9][0-9]*")


def unclaimed(label: str, path: Path, is_dataset: Callable[[str], bool]) -> str:
    """The label, or one that no dataset and no slice of one has.

    >>> unclaimed("ml-100k", Path("ml-100k.csv"), {"ml-100k"}.__contains__), unclaimed("x-first-5", Path("x-first-5.csv"), bool)
    ('ml-100k.csv', 'x-first-5.csv')
    """
    if not is_dataset(label) and not _SLICE.fullmatch(label):
        return label
    return path.name if path.name != label else f"{label}-{'folder' if path.is_dir() else 'file'}"
