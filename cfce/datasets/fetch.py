"""Fetching MovieLens 100k: from GroupLens by pooch, or out of a wheel by the environment's own pip; digests are checked."""

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cfce.datasets.cache import Log
from cfce.datasets.download import HTTP_TIMEOUT, NotFetched, download
from cfce.datasets.movielens import Movies, read_movies, read_wheel
from cfce.errors import UserError

PIP_TIMEOUT = 60.0
"""Seconds for pip in all."""


@dataclass(frozen=True)
class Origin:
    """Where a dataset comes from, and the digests that prove it."""

    name: str
    url: str
    md5: str
    """Of the archive under ``url``."""
    requirement: str
    """What pip fetches where the archive cannot be had."""
    wheel_sha256: str
    fingerprints: dict[str, str]
    """Item key to the fingerprint of the ratings: the same from either source."""


ML_100K = Origin(
    name="ml-100k",
    url="https://files.grouplens.org/datasets/movielens/ml-100k.zip",
    md5="0e33842e24a9c977be4e0107933c0723",
    requirement="recbole==1.2.1",
    wheel_sha256="9c9948202011f37eb0a7c6768129313f00d6403ad221ec940d5e2d5d5f33a407",
    fingerprints={
        "title": "8bb60587ab4cda553abf1ea1d622f44e404be759d4b013a8fff93a148b78cbe0",
        "id": "a13305cbd687295a7e11f0e2a1e3f0c6ce62d5b86544ed3ab11247ad6c4a424f",
    },
)


def fetch_movies(origin: Origin, log: Log) -> Movies:
    """The movies of ``origin``, from the first source that gives them whole; each that does not is said in one line.

    Archives lie in a temporary folder that goes when this returns or raises.
    Raises ``UserError`` with every reason where no source gives them.
    """
    sources: tuple[tuple[str, Callable[[Origin, Path], Movies]], ...] = (
        (f"GroupLens ({origin.url})", _from_archive),
        (f"the wheel {origin.requirement} through pip", _from_wheel),
    )
    reasons = []
    for source, fetch in sources:
        with tempfile.TemporaryDirectory(prefix="cfce-") as folder:
            try:
                movies = fetch(origin, Path(folder))
            except NotFetched as reason:
                reasons.append(f"{source}: {reason}")
                log(f"{origin.name} did not come from {source}: {reason}")
            else:
                log(f"{origin.name} came from {source}")
                return movies
    raise UserError(
        f"{origin.name} could not be fetched ({'; '.join(reasons)}); get {origin.url} by other means and pass it with --data PATH"
    )


def _from_archive(origin: Origin, folder: Path) -> Movies:
    path = download(origin.url, origin.md5, folder, f"{origin.name}.zip", timeout=HTTP_TIMEOUT)
    try:
        return _checked(read_movies(path), origin)
    except UserError as error:
        raise NotFetched(f"the archive is not as expected ({error})") from error


def _from_wheel(origin: Origin, folder: Path) -> Movies:
    command = [sys.executable, "-P", "-m", "pip", "download", "--quiet", "--no-input", "--disable-pip-version-check"]
    command += ["--no-deps", "--only-binary", ":all:", "--retries", "1", "--timeout", "8"]
    command += ["--dest", str(folder), origin.requirement]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PIP_TIMEOUT, check=False, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired as error:
        raise NotFetched(f"pip did not end in {PIP_TIMEOUT:g} s") from error
    except OSError as error:
        raise NotFetched(f"Python did not start ({error.strerror or error})") from error
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        errors = [line for line in lines if line.startswith("ERROR") or "No module named pip" in line]
        raise NotFetched((errors or lines or [f"pip ended with {done.returncode}"])[-1].removeprefix("ERROR: "))
    wheels = list(folder.glob("*.whl"))
    if len(wheels) != 1 or hashlib.sha256(wheels[0].read_bytes()).hexdigest() != origin.wheel_sha256:
        raise NotFetched(f"the wheel is refused because its SHA-256 is not {origin.wheel_sha256}")
    try:
        return _checked(read_wheel(wheels[0]), origin)
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise NotFetched(f"the wheel is not as expected ({error})") from error


def _checked(movies: Movies, origin: Origin) -> Movies:
    """The movies, where they have the fingerprint of the origin under every item key."""
    for item_key, expected in origin.fingerprints.items():
        found = movies.ratings(item_key, origin.name).fingerprint
        if found != expected:
            raise NotFetched(
                f"the ratings by {item_key} are refused because their fingerprint is {found[:12]}, not {expected[:12]}"
            )
    return movies
