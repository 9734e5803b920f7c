"""MovieLens 100k in the cache: parsed once, kept in one small file, checked by its fingerprint each time it is read."""

import io
from pathlib import Path

import numpy as np

from cfce.datasets.cache import Log, set_aside
from cfce.datasets.fetch import Origin, fetch_movies
from cfce.datasets.movielens import Movies, check_item_key
from cfce.errors import UserError
from cfce.files import write_whole
from cfce.ratings import Ratings

FORMAT = 2
"""Goes up when the file holds something else, so that an older one is not taken for a damaged one; 2 has the timestamps."""
LOCK_TIMEOUT = 300.0
"""Seconds to wait for another process that fetches the same data; longer than a fetch can take."""


def cached_ratings(origin: Origin, item_key: str, cache: Path, log: Log) -> Ratings:
    """The ratings of ``origin`` from the cache, or fetched and put there; of two processes at once, one fetches.

    A cache that cannot be written is said, and the ratings come all the same.
    """
    check_item_key(item_key)
    path = cache / f"{origin.name}.{FORMAT}.npz"
    ratings, _ = _read(path, origin, item_key)
    if ratings is not None:
        return ratings
    try:
        cache.mkdir(parents=True, exist_ok=True)
        return _fetch_under_lock(path, origin, item_key, log)
    except OSError as error:
        log(f"the cache folder '{cache}' cannot be written ({error.strerror or error}); {origin.name} is fetched and not kept")
        return fetch_movies(origin, log).ratings(item_key, origin.name)


def _fetch_under_lock(path: Path, origin: Origin, item_key: str, log: Log) -> Ratings:
    from filelock import FileLock, Timeout

    lock = FileLock(path.with_name(f".{path.name}.lock"))
    try:
        with lock.acquire(timeout=LOCK_TIMEOUT):
            ratings, damage = _read(path, origin, item_key)  # another process may have fetched it meanwhile
            if ratings is not None:
                return ratings
            if damage:
                set_aside(path, damage, log)
            movies = fetch_movies(origin, log)
            for left in path.parent.glob(f".{path.name}.*.tmp"):  # of a process that was killed while it wrote
                left.unlink()
            write_whole(path, _pack(movies))
            return movies.ratings(item_key, origin.name)
    except Timeout:
        raise UserError(f"another process has held '{lock.lock_file}' for {LOCK_TIMEOUT:g} s; end it and try again") from None


def _read(path: Path, origin: Origin, item_key: str) -> tuple[Ratings | None, str]:
    """The ratings in a cache file, or None and what is wrong with the file; None and ``''`` where there is none."""
    try:
        content = path.read_bytes()
    except OSError:
        return None, ""
    try:
        ratings = _unpack(content).ratings(item_key, origin.name)
    except Exception as error:  # whatever a damaged file makes its reader raise, it is a damaged file
        return None, f"it cannot be read: {type(error).__name__}"
    if ratings.fingerprint != origin.fingerprints[item_key]:
        return None, "its ratings have another fingerprint"
    return ratings, ""


def _pack(movies: Movies) -> bytes:
    buffer = io.BytesIO()
    np.savez(
        buffer,
        user=movies.user,
        movie=movies.movie,
        rating=movies.rating,
        time=movies.time,
        u=np.empty(0, dtype=np.uint8) if movies.u is None else movies.u,
        titled=np.array(list(movies.titles), dtype=np.int32),
        titles=np.frombuffer("\n".join(movies.titles.values()).encode(), dtype=np.uint8),
    )
    return buffer.getvalue()


def _unpack(content: bytes) -> Movies:
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        titles = arrays["titles"].tobytes().decode().split("\n")
        named = dict(zip(arrays["titled"].tolist(), titles, strict=True))
        u = arrays["u"]
        return Movies(arrays["user"], arrays["movie"], arrays["rating"], arrays["time"], named, u if len(u) else None)
