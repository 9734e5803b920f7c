"""Reaching a Ray cluster, or starting one on this machine; what goes wrong is one sentence. Ray is imported when it is used."""

import contextlib
import logging
import os
import re
import socket
import subprocess
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from cfce.errors import UserError
from cfce.text import short

NEEDED = (2, 60)
"""The oldest version of Ray that is used."""
CONNECTING = 5.0
"""Seconds until an address that does not answer is given up."""
ANSWERING = 30.0
"""Seconds that what answers there may take to show that it is Ray."""
STORE_BYTES = 256 * 1024**2
"""The object store of a cluster that is started here, beside the ratings: what comes back is fetched at once."""
QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
"""Nothing is sent to Ray's makers, and a task without a share of a CUDA device leaves the environment as it is."""


@dataclass(frozen=True)
class Cluster:
    """A cluster that this process is connected to."""

    ray: Any
    """The module."""
    node: str
    """The node that this process is on."""

    def has_us(self) -> bool:
        """Whether the node of this process lives; without it nothing is given out or comes back."""
        return any(one["Alive"] and one["NodeID"] == self.node for one in self.ray.nodes())

    def total(self, resource: str) -> float:
        """What all living nodes have of a resource, ``CPU`` or ``GPU``."""
        return float(self.ray.cluster_resources().get(resource, 0.0))


def check_ray(address: str) -> None:
    """Raise ``UserError`` where Ray is not installed, is too old, or an address reaches no cluster within seconds."""
    try:
        found = version("ray")
    except PackageNotFoundError:
        raise UserError(
            "--executor ray came, but Ray is not installed; install it with: python -m pip install 'cfce-bench[ray]'"
        ) from None
    if tuple(map(int, re.findall(r"\d+", found)[:2])) < NEEDED:
        needed = ".".join(map(str, NEEDED))
        raise UserError(f"--executor ray came, but Ray is {found}; install a newer one: python -m pip install 'ray>={needed}'")
    if address:
        _check_address(address)


def _check_address(address: str) -> None:
    host, colon, port = address.rpartition(":")
    if not colon or not host or "/" in address or not port.isdecimal() or not 0 < int(port) < 65536:
        raise UserError(f"--ray-address {address} came; it is HOST:PORT of the head of a Ray cluster, such as 10.0.0.5:6379")
    try:
        socket.create_connection((host, int(port)), CONNECTING).close()
    except OSError as error:
        raise _unreached(address, error.strerror or str(error)) from None
    try:  # Ray itself would try for minutes, and tell it on the terminal
        asked = [sys.executable, "-m", "ray.scripts.scripts", "health-check", "--skip-version-check", "--address", address]
        code = subprocess.run(asked, capture_output=True, stdin=subprocess.DEVNULL, timeout=ANSWERING, check=False).returncode
    except subprocess.TimeoutExpired:
        code = 1
    if code:
        raise _unreached(address, "what answers there is no Ray cluster")


def _unreached(address: str, why: str) -> UserError:
    return UserError(
        f"--ray-address {address} reaches no Ray cluster ({why}); "
        "pass what 'ray start --head' printed, or leave the flag out to start a cluster here"
    )


@contextlib.contextmanager
def connected(address: str, jobs: int, store: int, runtime_env: dict[str, Any]) -> Iterator[Cluster]:
    """A cluster: the one at an address, one that is started here, or the one that this process is connected to already.

    ``store`` is the size of the ratings in bytes. At the end a connection that was made here is closed, and a cluster that
    was started here ended. Raises ``UserError`` where there is none.
    """
    os.environ.update({name: value for name, value in QUIET.items() if name not in os.environ})
    import ray

    was_there = ray.is_initialized()
    if not was_there:
        where: dict[str, Any] = {
            "address": "local",  # a cluster that somebody else started on this machine is left alone
            "num_cpus": max(jobs, 1),
            "object_store_memory": STORE_BYTES + 2 * store,
            "include_dashboard": False,
        }
        how = {"address": address, "runtime_env": runtime_env} if address else where
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                ray.init(**how, log_to_driver=False, logging_level=logging.ERROR)
        except Exception as error:  # whatever Ray raises
            raise UserError(_said(address, error)) from None
    _keep_the_terminal(ray)
    try:
        yield Cluster(ray, ray.get_runtime_context().get_node_id())
    finally:
        if not was_there:
            with contextlib.suppress(Exception):  # whatever was heard is written, and how the command ends is told already
                ray.shutdown()


def _said(address: str, error: Exception) -> str:
    """Why no cluster could be had, in one sentence."""
    text = str(error)
    if "ersion mismatch" in text:
        found = re.findall(r"Ray: (\S+)\s+Python: (\S+)", text)
        pairs = [f"Ray {ray} on Python {python}" for ray, python in found]
        both = f"the cluster has {pairs[0]} and this command {pairs[1]}" if len(pairs) == 2 else short(text)
        return f"--ray-address {address} is of another version: {both}; start both from the same versions"
    if not address:
        return f"no Ray cluster can be started here: {short(text)}; run with --executor local"
    return (
        f"the Ray cluster at {address} cannot be used from this machine: {short(text)}; "
        f"make this machine a node of it: ray start --address={address} --num-cpus=0"
    )


def _keep_the_terminal(ray: Any) -> None:
    """Ray would print what nodes say of dead workers through the display; outcomes say it too."""
    worker: Any = ray._private.worker
    if hasattr(worker, "print_to_stdstream"):
        worker.print_to_stdstream = _say_nothing


def _say_nothing(*what: object, **how: object) -> None:
    """Take what would be printed."""
