"""``uv``, which makes a Python file with inline metadata its own environment."""

import os
import shutil
import subprocess
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from cfce.errors import UserError

INSTALL = "pip install 'cfce-bench[programs]'"


def find_uv() -> str | None:
    """The program ``uv``: of this Python's package, or along ``PATH``; None where it is not here."""
    try:
        return str(import_module("uv").find_uv_bin())
    except (ImportError, FileNotFoundError):
        return shutil.which("uv")


def environment_without_ours() -> dict[str, str]:
    """The environment of this process without what would make another Python import from here."""
    return {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")}


def is_made(script: Path, uv: str) -> bool:
    """Whether the environment of a script is there, with what its metadata asks for."""
    return _uv(uv, script, "--quiet", "--check", "--offline").returncode == 0


def make_environment(script: Path, uv: str, log: Callable[[str], None]) -> None:
    """Make the environment of a script unless it is there; ``UserError`` with the fix where ``uv`` cannot."""
    if is_made(script, uv):
        return
    log(f"makes the environment of {script.name}")
    done = _uv(uv, script)
    if done.returncode:
        said = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        why = next(
            (line for word in ("cause: ", "error: ") for line in said if line.startswith(word)), f"exit code {done.returncode}"
        )
        raise UserError(
            f"the environment of '{script.name}' cannot be made ({why}); "
            f"'uv sync --script {script}' shows more, or leave the variant out"
        )


def _uv(uv: str, script: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    """``uv sync`` of a script, from the script's folder: a ``uv.toml`` of the current one could name where packages come from."""
    script = script.resolve()
    command = [uv, "sync", *flags, "--script", str(script)]
    return subprocess.run(command, capture_output=True, text=True, env=environment_without_ours(), check=False, cwd=script.parent)
