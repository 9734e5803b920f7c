"""Commands of tests begun by a process that has imported what they import: real processes, without a second of imports each.

Run as a script, this is that process: it forks a command for each request on the socket that is its stdin. ``Warm`` asks it.
What a command imports, and when, is tested by commands that are started as a user starts them.
"""

import atexit
import contextlib
import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import resolve_name
from typing import NoReturn

MODULES = (
    *(f"bench.cli.{name}" for name in ("add", "compare", "describe", "export", "list_", "report", "run", "training")),
    "bench.__main__",
    "bench.harness.run",
    "bench.report.tuning.write",
    "cfce.engines.fused_kernel",
    "cfce.engines.torch_engine",
    "jinja2",
    "matplotlib.backends.backend_agg",
    "pyarrow.parquet",
    "rich.progress",
    "scipy.optimize",
    "scipy.stats",
    "seaborn",
    "torch._inductor",  # which torch imports when a step is recorded
)
"""What a run, its workers and its report import."""
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""A process with threads is not forked."""
END = b"\n"
"""Ends a request, which has none inside; the next one is sent when this one was answered."""
WIDTH = 16
"""Bytes of a number in a pipe."""


class Begun:
    """A command that was begun, as much of ``subprocess.Popen`` as tests need; it leads a process group of its own."""

    def __init__(self, pid: int, status: int, out: Path, err: Path) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._status = status
        self._paths = out, err

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code, negative after a signal; raises ``TimeoutExpired``."""
        if self.returncode is None:
            if not select.select([self._status], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("bench", timeout or 0)
            self.returncode = int(os.read(self._status, WIDTH))
            os.close(self._status)
        return self.returncode

    def poll(self) -> int | None:
        """Its exit code; None while it runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Wait for its end: what it wrote to stdout and to stderr."""
        self.wait(timeout)
        out, err = (path.read_text(encoding="utf-8", errors="replace") for path in self._paths)
        return out, err


class Warm:
    """The process that begins commands; ``close`` ends what is left of them."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen([sys.executable, __file__], stdin=theirs, env={**os.environ, **ONE_THREAD})
        self._folder = tempfile.TemporaryDirectory(prefix="warm-")
        self._begun: list[Begun] = []

    def begin(
        self,
        arguments: Iterable[object],
        environment: Mapping[str, str],
        cwd: Path | None = None,
        without: Iterable[str] = (),
    ) -> Begun:
        """Begin ``bench`` with these arguments, without some of what ``leaving_out.py`` lists."""
        paths = [Path(self._folder.name) / f"{len(self._begun)}.{stream}" for stream in ("out", "err")]
        status, theirs = os.pipe()
        request = {
            "arguments": [str(one) for one in arguments],
            "environment": dict(environment),
            "cwd": str(cwd or Path.cwd()),
            "without": list(without),
            "streams": [str(path) for path in paths],
        }
        content = json.dumps(request).encode() + END
        sent = socket.send_fds(self._socket, [content], [theirs])
        self._socket.sendall(content[sent:])
        os.close(theirs)
        self._begun.append(Begun(int(os.read(status, WIDTH)), status, *paths))
        return self._begun[-1]

    def run(
        self,
        arguments: Iterable[object],
        environment: Mapping[str, str],
        cwd: Path | None = None,
        without: Iterable[str] = (),
        timeout: float = 200,
    ) -> "subprocess.CompletedProcess[str]":
        """A command from its beginning to its end, as ``subprocess.run`` gives it."""
        begun = self.begin(arguments, environment, cwd, without)
        try:
            out, err = begun.communicate(timeout)
        except subprocess.TimeoutExpired:
            os.killpg(begun.pid, signal.SIGKILL)
            raise
        return subprocess.CompletedProcess(["bench", *map(str, arguments)], begun.wait(), out, err)

    def close(self) -> None:
        """End every command that still runs, and the process."""
        for one in self._begun:
            if one.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(one.pid, signal.SIGKILL)
                one.wait()
        self._socket.close()
        self._process.wait()
        self._folder.cleanup()


def serve(requests: socket.socket) -> dict[str, object]:
    """Fork for each request; returns in the processes that are to be commands, with the request, and ends the others."""
    while True:
        content, descriptors, *_ = socket.recv_fds(requests, 1 << 16, 1)
        while content and not content.endswith(END):
            more = requests.recv(1 << 16)
            content = more and content + more
        if not content:
            with contextlib.suppress(ChildProcessError):
                while True:
                    os.wait()
            sys.exit()
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        if fork():
            os.close(descriptors[0])
            continue
        requests.close()
        pid = fork()
        if not pid:
            os.close(descriptors[0])
            os.setpgrp()
            return json.loads(content)  # type: ignore[no-any-return]
        with contextlib.suppress(OSError):  # the first of the two makes the group, before anyone sends it a signal
            os.setpgid(pid, pid)
        os.write(descriptors[0], b"%*d" % (WIDTH, pid))
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        os.write(descriptors[0], b"%*d" % (WIDTH, status))
        os._exit(0)


def fork() -> int:
    """Python warns of the one thread that is left, which is jemalloc's and knows of forks."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def become(request: dict[str, object]) -> None:
    """What a process has that was started for this command: its folder, environment, streams, signals and name."""
    os.chdir(str(request["cwd"]))
    os.environ.clear()
    os.environ.update(request["environment"])  # type: ignore[call-overload]
    time.tzset()
    for number, path in enumerate((os.devnull, *request["streams"])):  # type: ignore[misc]
        opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.argv = [str(sys.modules["bench.__main__"].__file__), *request["arguments"]]  # type: ignore[misc]
    sys.modules["__main__"] = sys.modules["bench.__main__"]  # what workers import first


def end(command: Callable[[], None]) -> NoReturn:
    """Run the command and end as Python ends, but for taking apart what was imported, which takes a second."""
    code: object = 0
    try:
        command()
    except SystemExit as error:
        code = error.code
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else code is not None)


def main() -> None:
    from leaving_out import leave_out  # type: ignore[import-not-found]

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the tests, which end this process

    sys.path.pop(0)  # the folder of this file
    for name in MODULES:
        import_module(name)
    resolve_name("bench.variants.plugins.load_parts")()
    gc.freeze()  # what is imported stays in pages that all share
    kept = sys.modules["__main__"], sys.modules["bench.__main__"]
    request = serve(socket.socket(fileno=os.dup(0)))
    become(request)
    for what in request["without"]:  # type: ignore[attr-defined]
        leave_out(what)
    end(kept[1].main)


if __name__ == "__main__":
    main()
