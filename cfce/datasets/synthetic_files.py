"""``synthetic-N`` on disk: drawn chunk by chunk into the cache, and read as memory maps."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from cfce.datasets.cache import Log, set_aside
from cfce.datasets.dataset import Dataset, NoOptions, Place
from cfce.datasets.synthetic import CHUNK, SCALE, SEED, load_truth, n_of_each
from cfce.errors import UserError
from cfce.files import whole_folder
from cfce.ratings import Ratings
from cfce.seeds import stream

SMALLEST, LARGEST = 100, 100_000_000
FORMAT = 1
"""Goes up when the generator draws other ratings, so that older files of the cache are not taken for new ones."""

COLUMNS: dict[str, str] = {"user": "<i4", "item": "<i4", "level": "|u1"}
BYTES_A_RATING = 9

Columns = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.uint8]]


def synthetic_size(name: str) -> int | None:
    """The N of ``synthetic-N``, or None where ``name`` is another dataset's.

    >>> synthetic_size("synthetic-100000"), synthetic_size("ml-100k")
    (100000, None)
    """
    if not name.startswith("synthetic-"):
        return None
    digits = name.removeprefix("synthetic-")
    if not re.fullmatch(r"[1-9][0-9]*", digits) or not SMALLEST <= int(digits) <= LARGEST:
        raise UserError(f"dataset '{name}' came; a synthetic dataset is synthetic-N with N from {SMALLEST} to {LARGEST}")
    return int(digits)


def _load(name: str, options: NoOptions, place: Place) -> Ratings:
    n = synthetic_size(name)
    assert n is not None
    return synthetic_ratings(n, place.cache, place.log)


SYNTHETIC = Dataset(
    name="synthetic-N",
    description="N drawn ratings of 1 to 5, such as synthetic-100000, whose true distributions are known; N up to 100 million",
    load=_load,
    is_named=lambda dataset, name: synthetic_size(name) is not None,
)


def draw_chunks(n: int) -> Iterator[Columns]:
    """N ratings in chunks of user codes, item codes and levels; each chunk has a stream of its own, so any can be drawn again."""
    truth, size = load_truth(n), n_of_each(n)
    for number, start in enumerate(range(0, n, CHUNK)):
        rng, length = stream(SEED, f"synthetic ratings {number}"), min(CHUNK, n - start)
        user = rng.integers(1, size + 1, length, dtype=np.int32)
        item = rng.integers(1, size + 1, length, dtype=np.int32)
        yield user, item, truth.draw(user, item, rng)


def synthetic_ratings(n: int, cache: Path, log: Log) -> Ratings:
    """``synthetic-N`` as memory maps over the cache, drawn into it first where it is not there.

    The files are written into a temporary folder that is renamed when it is whole, under a lock.
    Raises ``UserError`` where the cache cannot be written or the disk has too little room.
    """
    from filelock import FileLock

    folder = cache / f"synthetic-{n}.{FORMAT}"
    try:
        ratings, _ = _read(folder, n)
        if ratings is not None:
            return ratings
        cache.mkdir(parents=True, exist_ok=True)
        with FileLock(cache / f".{folder.name}.lock"):
            ratings, damage = _read(folder, n)  # another process may have drawn it meanwhile
            if ratings is not None:
                return ratings
            if damage:
                set_aside(folder, damage, log)
            free = shutil.disk_usage(cache).free
            if free < n * BYTES_A_RATING:
                raise UserError(
                    f"synthetic-{n} takes {n * BYTES_A_RATING / 1e6:.0f} MB, but '{cache}' has {free / 1e6:.0f} MB free; "
                    f"make room, or set CFCE_CACHE to another folder"
                )
            return _write(folder, n)
    except OSError as error:
        raise UserError(
            f"'{folder}' cannot be written ({error.strerror or error}); set CFCE_CACHE to a folder with room"
        ) from error


def _write(folder: Path, n: int) -> Ratings:
    with whole_folder(folder) as made:
        made.mkdir()
        files = {name: open(made / f"{name}.npy", "wb") for name in COLUMNS}  # noqa: SIM115 - closed below
        try:
            for name, kind in COLUMNS.items():
                _header(files[name], kind, n)
            for chunk in draw_chunks(n):
                for (name, kind), column in zip(COLUMNS.items(), chunk, strict=True):
                    files[name].write(np.ascontiguousarray(column, dtype=kind).data)
        finally:
            for file in files.values():
                file.close()
        (made / "about.json").write_text(json.dumps({"fingerprint": _map(made, n).fingerprint}) + "\n")
    return _map(folder, n)


def _header(file: BinaryIO, kind: str, n: int) -> None:
    np.lib.format.write_array_header_1_0(file, {"descr": kind, "fortran_order": False, "shape": (n,)})


def _map(folder: Path, n: int) -> Ratings:
    user, item, level = (np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)) for name in COLUMNS)
    ids = np.arange(1, n_of_each(n) + 1, dtype=np.int32)
    return Ratings(user, item, level, ids, ids, SCALE, f"synthetic-{n}")


def _read(folder: Path, n: int) -> tuple[Ratings | None, str]:
    """The ratings in a folder of the cache, or None and what is wrong with it; None and ``''`` where there is none."""
    if not folder.is_dir():
        return None, ""
    try:
        expected = json.loads((folder / "about.json").read_bytes())["fingerprint"]
        ratings = _map(folder, n)
    except Exception as error:  # whatever a damaged file makes its reader raise, it is a damaged file
        return None, f"it cannot be read: {type(error).__name__}"
    if len(ratings) != n or ratings.fingerprint != expected:
        return None, "its ratings have another fingerprint"
    return ratings, ""
