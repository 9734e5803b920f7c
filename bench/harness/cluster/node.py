"""What runs on a node of a cluster: a worker of the executor ``local`` for each task that the node runs at a time.

The process that Ray starts holds a pool of one worker process and trains nothing itself, so that a trial that raises, hangs or
crashes ends as it does under ``local``, with the same words, and the next one finds the engine loaded.
"""

import contextlib
import hashlib
import os
import platform
import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from filelock import FileLock

from bench.harness.cluster.kit import Answer, Fold, Kit, Refused
from bench.harness.cluster.scratch import Scratch
from bench.harness.executor import Setup
from bench.harness.local import Pool
from bench.harness.outcome import Outcome
from bench.harness.process import script_left_alone
from bench.harness.unit import Unit
from bench.study.environment import versions
from bench.variants.variant import VARIANTS
from cfce.datasets.cache import cache_dir
from cfce.engines import ENGINES
from cfce.errors import UserError
from cfce.protocols import PROTOCOLS
from cfce.registry import Registry

Files = Mapping[str, bytes]
"""The files of the ratings by name."""
PRINTED_LIBRARIES = ("matplotlib", "seaborn", "cfce-bench")
"""Libraries that decide neither a number nor a file of a trial; the code of the project travels."""

KINDS: Mapping[str, Registry[Any]] = {"variant": VARIANTS, "engine": ENGINES, "protocol": PROTOCOLS}
"""The kinds of part that a trial names."""

_slots: dict[tuple[str, str | None], "Slot"] = {}
"""The slot of this process, by run and CUDA device: it outlives a task, so that the next one finds a warm worker."""


def fit_unit(kit: Kit, unit: Unit, known: Collection[Fold], node: str, fetch: Callable[[object], Files]) -> Answer | Refused:
    """Fit a unit on this node; the held-out rows of the ``known`` folds are left out of what is given back.

    ``fetch`` gets the files of the ratings from the object store.
    """
    key = (kit.run, os.environ.get("CUDA_VISIBLE_DEVICES"))
    try:
        if key not in _slots:
            for other in list(_slots):
                _slots.pop(other).end()
            _slots[key] = Slot(kit, node, fetch)
        return _slots[key].fit(unit, known)
    except UserError as error:
        return Refused(f"the node '{platform.node()}' cannot train: {error}")


class Slot:
    """One worker of this node, and the ratings that it trains on; ``UserError`` where the node cannot train."""

    def __init__(self, kit: Kit, node: str, fetch: Callable[[object], Files]) -> None:
        self._scratch = Scratch()
        logs = self._scratch.path
        self._refusal = logs / "refused.txt"
        at_home = kit.home == (node, sys.executable)
        if not at_home:
            _check_versions(kit.versions)
        ratings = kit.ratings_at_home if at_home else ratings_here(kit, fetch)
        prepare = kit.prepare_at_home if at_home else Prepare(kit, self._refusal)
        self._setup = Setup(ratings, logs, prepare, jobs=1, trial_timeout=kit.trial_timeout)
        self._notes: list[str] = []
        self._start()

    def _start(self) -> None:
        self._units: list[Unit] = []
        self._outcomes = Pool(self._setup, self._notes.append).run(self._units)

    def fit(self, unit: Unit, known: Collection[Fold]) -> Answer:
        """The outcomes of a unit, each fold's held-out rows once at most, and the node's name in the records."""
        with script_left_alone():
            self._units.append(unit)
            first = next(self._outcomes, None)
            if first is None:  # the pool had ended, as no worker could be started
                self._start()
                self._units.append(unit)
                first = next(self._outcomes)
            outcomes = [first, *(next(self._outcomes) for _ in unit[1:])]
        if self._refusal.exists():
            raise UserError(self._refusal.read_text())
        notes = tuple(self._notes)
        self._notes.clear()
        return Answer(tuple(_named(outcomes, known)), notes)

    def end(self) -> None:
        """End the worker."""
        self._outcomes.close()
        self._scratch.end()


def _named(outcomes: list[Outcome], known: Collection[Fold]) -> list[Outcome]:
    """Outcomes with the node in their records, and the rows of a fold with its first one alone."""
    sent, found = set(known), []
    for one in outcomes:
        fold = (one.record.trial.protocol, one.record.trial.split)
        rows = None if fold in sent else one.rows
        if one.rows is not None:
            sent.add(fold)
        found.append(replace(one, record=replace(one.record, host=platform.node()), rows=rows))
    return found


@dataclass(frozen=True)
class Prepare:
    """Registers the parts of a run in a worker of another node; a file tells why, where that cannot be done."""

    kit: Kit
    refusal: Path

    def __call__(self) -> None:
        """Register, and raise ``UserError`` for what the node lacks."""
        try:
            self.kit.prepare()
            for kind, name in self.kit.needs:
                if name not in KINDS[kind]:
                    raise UserError(
                        f"it lacks the {kind} '{name}', which an installed package registers where the command runs; "
                        "install that package on every node, or pass its file with --plugin"
                    )
                if kind == "variant":
                    VARIANTS[name].estimator.prepare(lambda line: None)
        except UserError as error:
            self.refusal.write_text(str(error))
            raise


def _check_versions(wanted: Mapping[str, str]) -> None:
    """Raise ``UserError`` where a library that decides numbers has another version here."""
    found = deciding_versions()
    different = {name: found.get(name, "missing") for name, one in wanted.items() if found.get(name) != one}
    differ = [f"{name} is {there} there and {wanted[name]} here" for name, there in different.items()]
    if differ:
        raise UserError(f"{'; '.join(differ)}; install the same versions on every node")


def deciding_versions() -> dict[str, str]:
    """The libraries that decide a number or a file of a trial, and their versions."""
    return {name: one for name, one in versions().items() if name not in PRINTED_LIBRARIES}


def ratings_here(kit: Kit, fetch: Callable[[object], Files]) -> Path:
    """The folder of the ratings on this node, fetched and proved where it is not there yet; it stays, as other data does."""
    folder = cache_dir() / "nodes" / kit.fingerprint
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{folder}.lock"):
            if not folder.is_dir():
                _write(folder, fetch(kit.ratings[0]), kit.fingerprint)
    except OSError as error:
        raise UserError(f"'{folder}' cannot be written ({error.strerror or error}); set CFCE_CACHE to another folder") from error
    return folder


def _write(folder: Path, files: Files, fingerprint: str) -> None:
    if fingerprint_of(files) != fingerprint:
        raise UserError("the ratings came damaged; run the command again")
    new = Path(mkdtemp(prefix=".", dir=folder.parent))
    for name, content in files.items():
        (new / name).write_bytes(content)
    with contextlib.suppress(FileExistsError):
        new.rename(folder)


def fingerprint_of(files: Files) -> str:
    """The SHA-256 of files, their names and sizes."""
    digest = hashlib.sha256()
    for name, content in sorted(files.items()):
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()
