"""Run a program in its folder, and know how it ended."""

import json
import math
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cfce.errors import UserError

GUARD = Path(__file__).with_name("guard.py")
LONGEST_LOG = 65_536
"""Bytes of what a program printed that are kept: the last ones."""


class ProgramError(UserError):
    """A program that failed, in one sentence; ``printed`` is what it printed."""

    def __init__(self, sentence: str, printed: str = "") -> None:
        super().__init__(sentence)
        self.printed = printed


@dataclass(frozen=True)
class Ended:
    """A program that ended well."""

    seconds: float
    """Of the whole process, from its start to its end."""
    peak_mb: float
    """Peak resident memory of its largest process, in MB; 0 where the platform does not tell."""
    printed: str
    """What it printed, the last ``LONGEST_LOG`` bytes."""


def run_program(
    argv: Sequence[str], folder: Path, place: Path, environment: Mapping[str, str], seconds: float = math.inf
) -> Ended:
    """Run a command in ``folder`` and wait for it; ``place`` holds the folder and the log, and is removed by its owner.

    The command has a process group of its own. It is ended as a whole after ``seconds``, and when this call is left, also where
    this process is killed: ``guard.py`` stands between and does it. Raises ``ProgramError`` where it cannot be started, takes
    longer or does not end with exit code 0.
    """
    log = place / "log.txt"
    job = {"argv": list(argv), "folder": str(folder), "log": str(log), "place": str(place)}
    told: dict[str, object] = {**job, "seconds": seconds if math.isfinite(seconds) else None}
    guard = subprocess.Popen(
        [sys.executable, "-I", "-S", str(GUARD), json.dumps(told)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=dict(environment),
        start_new_session=True,
    )
    assert guard.stdin is not None
    assert guard.stdout is not None
    try:
        line = guard.stdout.readline()
        guard.wait()
    finally:
        guard.stdin.close()  # a guard that runs still then ends the command and removes the folder: so its end was waited for
        guard.stdout.close()
        guard.wait()
    printed = _tail(log)
    said = [one.strip() for one in printed.splitlines() if one.strip()]
    last = f"; it printed last: {said[-1]}" if said else ""
    if not line:
        raise ProgramError(f"the program was ended from outside{last}", printed)
    found = json.loads(line)
    if "error" in found:
        raise ProgramError(f"the program cannot be started ({found['error']})", printed)
    if found["late"]:
        raise ProgramError(f"the trial hung: ended after {seconds:g} s (--trial-timeout){last}", printed)
    if found["code"]:
        raise ProgramError(f"the program {_how(found['code'])}{last}", printed)
    return Ended(found["seconds"], found["peak_mb"], printed)


def _how(code: int) -> str:
    """How a process ended.

    >>> _how(3), _how(-9)
    ('ended with exit code 3', 'was ended by signal 9 (SIGKILL)')
    """
    if code > 0:
        return f"ended with exit code {code}"
    return f"was ended by signal {-code} ({signal.Signals(-code).name})"


def _tail(log: Path) -> str:
    try:
        return log.read_bytes()[-LONGEST_LOG:].decode(errors="replace")
    except OSError:
        return ""
