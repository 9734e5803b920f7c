"""Clusters of several nodes on this machine take a while to start: these tests run under ``-m ray``, and need Ray."""

import importlib.util
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

COMMANDS = Path(__file__).parents[1] / "bench" / "harness" / "conftest.py"
STORE = 80 * 1024**2
"""The least that Ray takes for the object store of a node."""


def _commands() -> Any:
    """What the tests of the harness start and wait for commands with."""
    spec = importlib.util.spec_from_file_location("harness_commands", COMMANDS)
    module = importlib.util.module_from_spec(spec)
    sys.modules["harness_commands"] = module
    spec.loader.exec_module(module)
    module.PATIENCE = 240.0  # a node compiles the kernels of a cluster's first run
    return module


commands = _commands()
environment, start, wait_for = commands.environment, commands.start, commands._wait_for


def pytest_collection_modifyitems(config, items):
    if "ray" in (config.getoption("markexpr") or ""):
        return
    kept = [item for item in items if item.get_closest_marker("ray") is None]
    if len(kept) < len(items):
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = kept


class Nodes:
    """A cluster whose head has no CPU, so that no trial runs where the command does, and two nodes with one each."""

    def __init__(self) -> None:
        from ray.cluster_utils import Cluster

        head = {"num_cpus": 0, "object_store_memory": STORE, "include_dashboard": False}
        self.cluster = Cluster(initialize_head=True, head_node_args=head)
        self.address = self.cluster.address
        self.others: list[Any] = []
        self.complete()

    def complete(self) -> None:
        """Start nodes until there are two beside the head again."""
        while len(self.others) < 2:
            self.others.append(self.cluster.add_node(num_cpus=1, object_store_memory=STORE))

    def kill_one(self) -> None:
        """End a node and all its processes by SIGKILL."""
        self.cluster.remove_node(self.others.pop(), allow_graceful=False)


@pytest.fixture(scope="session")
def nodes(environment: dict[str, str]) -> Iterator[Nodes]:
    """The cluster of all tests; its nodes have a data cache of their own."""
    pytest.importorskip("ray")
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Ray's own
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("CFCE_CACHE", environment["CFCE_CACHE"] + "-nodes")
        found = Nodes()
        yield found
        found.cluster.shutdown()


@pytest.fixture
def both(nodes: Nodes) -> Nodes:
    """The cluster with both its nodes, also after a test that killed one."""
    nodes.complete()
    return nodes
