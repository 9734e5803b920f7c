"""The folder that keeps fetched and made data, and how files get into it: whole or not at all."""

import os
from collections.abc import Callable
from pathlib import Path

Log = Callable[[str], None]
"""Tells the person at the terminal one line."""


def cache_dir() -> Path:
    """Where data is kept between runs: ``CFCE_CACHE`` where it is set, else the user's cache folder for ``cfce-bench``."""
    chosen = os.environ.get("CFCE_CACHE")
    if chosen:
        return Path(chosen).expanduser()
    import platformdirs

    return Path(platformdirs.user_cache_dir("cfce-bench", appauthor=False))


def set_aside(path: Path, reason: str, log: Log) -> None:
    """Rename a damaged file or folder of the cache to ``NAME.damaged`` and say so; an older one of that name goes."""
    import shutil

    aside = path.with_name(f"{path.name}.damaged")
    if aside.is_dir():
        shutil.rmtree(aside)
    os.replace(path, aside)
    log(f"the cached '{path}' is damaged ({reason}); it is set aside as '{aside.name}'")
