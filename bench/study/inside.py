"""A study folder from elsewhere may hold links: nothing is written or removed through one that leads out of it."""

from pathlib import Path

from bench.study.formats import PREDICTIONS
from cfce.errors import UserError

WRITTEN = ("trials", *PREDICTIONS.values(), "scores", "figures", "set-aside", ".work", "run.lock", "run-holder.lock")
"""What commands write into, below the folder of a study; files that are replaced by a rename need no check."""


def check_inside(folder: Path) -> None:
    """Raise ``UserError`` where something of the study that commands write into is a link out of its folder."""
    home = folder.resolve()
    for name in WRITTEN:
        place = folder / name
        if place.is_symlink() and not place.resolve().is_relative_to(home):
            raise UserError(
                f"'{place}' is a link to '{place.resolve()}', outside of the study; remove it, or put a folder in its place"
            )
