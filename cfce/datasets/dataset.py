"""What a dataset is: a name, options of its own, and a way from a source to ``Ratings``."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cfce.datasets.cache import Log, cache_dir
from cfce.ratings import Ratings


@dataclass(frozen=True)
class NoOptions:
    """The options of a dataset that has none."""


@dataclass(frozen=True)
class Place:
    """Where a dataset may be found, where it may be kept, and who is told."""

    path: Path | None = None
    """The data on disk; None to fetch or make it."""
    cache: Path = field(default_factory=cache_dir)
    log: Log = print
    """Gets each line: where data came from, what was taken for what, what was left out."""


def _itself(dataset: "Dataset", name: str) -> bool:
    return name == dataset.name


@dataclass(frozen=True)
class Dataset:
    """A named source of ratings; ``load`` raises ``UserError`` for a source that is not as it should be."""

    name: str
    """Or a pattern, such as ``synthetic-N``."""
    description: str
    """One line."""
    load: Callable[[str, Any, Place], Ratings]
    """(name, options, place) to the ratings."""
    options: type = NoOptions
    """A frozen dataclass; only ``load`` knows its fields."""
    is_named: Callable[["Dataset", str], bool] = _itself
    is_at: Callable[[Path], bool] = lambda path: False
    """Whether a path is this dataset's own, by its layout or digest."""
    takes_path: bool = False
    """Whether a path beside the dataset's name is read as this dataset."""

    def matches(self, name: str) -> bool:
        """Whether a name is of this dataset."""
        return self.is_named(self, name)
