"""JSON files that hold a digest of themselves, and digests of files."""

import hashlib
import json
from pathlib import Path
from typing import Any

from cfce.files import write_whole


def write_json(path: Path, content: dict[str, Any]) -> None:
    """Write a JSON object with a digest of itself, so that a torn or edited file is noticed."""
    write_whole(path, (json.dumps({**content, "digest": _digest(content)}, indent=1) + "\n").encode())


def read_json(path: Path) -> dict[str, Any]:
    """The JSON object that ``write_json`` wrote; ``ValueError`` with the reason where it is torn or edited."""
    try:
        content = json.loads(path.read_bytes())
        digest = content.pop("digest")
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError) as error:
        raise ValueError("it is not whole JSON with a digest") from error
    if digest != _digest(content):
        raise ValueError("its content does not match its digest")
    return dict(content)


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def rows_path(folder: Path, digest: str) -> Path:
    """Where the held-out rows of a fold lie beside its predictions: named after their SHA-256."""
    return folder / f"rows-{digest[:16]}.parquet"


def users_path(folder: Path, digest: str) -> Path:
    """Where the users of a fold lie beside its scores, where no predictions are kept: named after their SHA-256."""
    return folder / f"users-{digest[:16]}.parquet"


def named_after(path: Path, digest: str) -> bool:
    """Whether a file of rows or users has the name of its SHA-256."""
    return path.stem.partition("-")[2] == digest[:16]


def _digest(content: dict[str, Any]) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
