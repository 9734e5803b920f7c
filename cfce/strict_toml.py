"""TOML files that people write, refused in one sentence."""

import tomllib
from pathlib import Path
from typing import Any

from cfce.errors import UserError


def read_toml(path: Path, what: str, guide: str) -> dict[str, Any]:
    """The content of a file; ``UserError`` where it cannot be read or is no TOML: ``guide`` is where ``what`` is described."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"'{path}' cannot be read ({error.strerror}); pass a TOML file, written as in {guide}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UserError(f"'{path}' is no TOML ({error}); {what} is written as in {guide}") from error
