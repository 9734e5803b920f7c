"""Run one command in a process group of its own: ended as a whole when this process's standard input ends.

It is a program, started by ``running.py``, which holds the other end of standard input: a worker that is killed takes its
command with it. Nothing is imported but the standard library, so that it is small: its children's peak memory is the command's.
Takes one argument, JSON of argv, folder (where the command runs), log (the file of what it prints), place (removed where the
caller dies) and seconds (after which the command is ended, or null); prints one line of JSON: code, late (whether it was
ended so), seconds and peak_mb, or error.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time


def main() -> None:
    """Start the command, wait for it, and print what it cost."""
    job = json.loads(sys.argv[1])
    start = time.perf_counter()
    with open(job["log"], "wb") as log:
        try:
            child = subprocess.Popen(
                job["argv"], cwd=job["folder"], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        except OSError as error:
            print(json.dumps({"error": f"{error.strerror}: '{job['argv'][0]}'"}))
            return
    gone = threading.Event()
    watcher = threading.Thread(target=_end_with_caller, args=(child.pid, job["place"], gone), daemon=True)
    watcher.start()
    try:
        code, late = child.wait(job["seconds"]), False
    except subprocess.TimeoutExpired:
        _end_group(child.pid)
        code, late = child.wait(), True
    if gone.is_set():
        watcher.join()  # which ends this process when it has cleared up
    seconds = time.perf_counter() - start
    _end_group(child.pid)  # what it left running in the background
    print(json.dumps({"code": code, "late": late, "seconds": seconds, "peak_mb": _peak_mb()}), flush=True)
    os._exit(0)  # at once: the thread still waits for standard input, and what the caller does next is no end of the caller


def _end_with_caller(group: int, place: str, gone: threading.Event) -> None:
    os.read(0, 1)  # returns when the other end is closed, as by the caller's death
    gone.set()
    _end_group(group)
    shutil.rmtree(place, ignore_errors=True)
    os._exit(1)


def _end_group(group: int) -> None:
    with contextlib.suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(group, signal.SIGKILL)
        else:
            os.kill(group, signal.SIGTERM)


def _peak_mb() -> float:
    """Peak resident memory of the largest process among the children, in MB (10^6 bytes); 0 where nothing tells."""
    try:
        import resource
    except ImportError:
        return 0.0
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak * 1024 / 1e6


if __name__ == "__main__":
    main()
