"""What travels between the command and the nodes of a cluster, as values."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.harness.outcome import Outcome

Fold = tuple[str, int]
"""A protocol, and the number of the fold."""


@dataclass(frozen=True)
class Kit:
    """What a node needs of a run before its first unit; put into the object store once."""

    run: str
    """A name of its own for every run."""
    fingerprint: str
    """The SHA-256 of the files of the ratings."""
    ratings: Any
    """A list of one reference to the files of the ratings, file name to bytes, which only a node without them fetches."""
    prepare: Callable[[], None]
    """Registers the parts; packed, where they travel."""
    trial_timeout: float
    versions: dict[str, str]
    """The libraries that decide numbers or files, and their versions where the command runs."""
    needs: tuple[tuple[str, str], ...]
    """Kind and name of the parts that the first units name."""
    home: tuple[str, str]
    """The node and the Python of the command: what its own workers need not be told."""
    prepare_at_home: Callable[[], None]
    """Registers the parts on the command's own node."""
    ratings_at_home: Path
    """Where the ratings lie on the command's own node."""


@dataclass(frozen=True)
class Answer:
    """A unit is done."""

    outcomes: tuple[Outcome, ...]
    notes: tuple[str, ...] = ()
    """What the worker has to say that is no error."""


@dataclass(frozen=True)
class Refused:
    """A node cannot take part in the run, and why, in one sentence."""

    reason: str
