"""What can be known of a plan before a trial is begun; code of a plug-in is asked in a process of its own."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.harness.child import Child, ChildFailed
from bench.statistics.decide import FEWEST_USERS
from bench.variants.variant import VARIANTS
from cfce.datasets.stored import open_ratings, save_ratings
from cfce.ratings import Ratings
from cfce.registry import BUILT_IN
from cfce.splits import split_ratings
from cfce.text import counted

PATIENCE = 60.0
"""Seconds that the check of one setting may take."""

Setting = tuple[str, Mapping[str, Any]]
"""A variant by name, and its options."""


def few_users_note(ratings: Ratings) -> str:
    """What is told before the trainings where no verdict can follow, as there are too few users; else empty."""
    n_users = len(ratings.user_ids)
    if n_users >= FEWEST_USERS:
        return ""
    return (
        f"the ratings are by {counted(n_users, 'user')}, and a verdict needs {FEWEST_USERS} or more: there will be scores and no "
        "verdict"
    )


def check_settings(
    settings: Sequence[Setting], ratings: Ratings, protocol: str, split: int, prepare: Callable[[], None], patience: float
) -> None:
    """Raise ``UserError`` for a setting that cannot be fitted to a fold, or a fold that cannot be made.

    A plug-in that raises anything else, dies or hangs is left to its trials, which fail alone.
    """
    fold = split_ratings(ratings, protocol, split)
    for name, options in settings:
        if VARIANTS.source(name) == BUILT_IN:
            VARIANTS[name].estimator.with_options(options).check(fold)
    of_plugins = [(name, dict(options)) for name, options in settings if VARIANTS.source(name) != BUILT_IN]
    if not of_plugins:
        return
    with TemporaryDirectory(prefix="cfce-") as folder:
        save_ratings(ratings, Path(folder) / "ratings")
        for name in dict.fromkeys(name for name, _ in of_plugins):
            own = [one for one in of_plugins if one[0] == name]
            try:
                with Child(check_in_child, (Path(folder) / "ratings", own, protocol, split), prepare) as child:
                    list(child.results(min(patience, PATIENCE)))
            except (ChildFailed, OSError):
                continue


def check_in_child(ratings: Path, settings: Sequence[Setting], protocol: str, split: int) -> Iterator[None]:
    """The checks of settings one by one."""
    fold = split_ratings(open_ratings(ratings), protocol, split)
    for name, options in settings:
        VARIANTS[name].estimator.with_options(options).check(fold)
        yield None
