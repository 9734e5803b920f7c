"""Resident memory of this process, and its peak since a moment of one's choice, where the system tells."""

from pathlib import Path

STATUS = Path("/proc/self/status")
CLEAR = Path("/proc/self/clear_refs")


def resident_bytes() -> int | None:
    """Resident memory now, shared file pages included; None where there is no /proc."""
    return _field("VmRSS")


def peak_bytes() -> int | None:
    """Peak resident memory since the process started or ``restart_peak`` was called; None where there is no /proc.

    Not ``getrusage``: its peak is handed down by the parent of a process, across fork and exec.
    """
    return _field("VmHWM")


def restart_peak() -> bool:
    """Let the peak start anew from what is resident now; False where the system cannot."""
    try:
        CLEAR.write_text("5")
    except OSError:
        return False
    return True


def _field(name: str) -> int | None:
    try:
        lines = STATUS.read_text().splitlines()
    except OSError:
        return None
    for line in lines:
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    return None
