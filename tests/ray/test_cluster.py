"""A plan on a Ray cluster of three nodes leaves the study that it leaves here, whatever happens to nodes and command."""

import json
import os
import signal
import socket
import time
from pathlib import Path

import pytest

from bench.harness.cluster.connection import check_ray
from bench.study import load_study
from cfce.errors import UserError

pytestmark = [pytest.mark.ray, pytest.mark.timeout(600)]
ELSEWHERE = ("fit_seconds", "peak_memory_mb", "host", "digest")
"""What of a record depends on where and when a trial was fitted."""


@pytest.fixture
def on_ray(start, both):
    """``on_ray(folder, variants, *more)`` starts a run on the cluster."""
    return lambda folder, *more, **extra: start(folder, *more, "--executor", "ray", "--ray-address", both.address, **extra)


def without_times(path: Path) -> dict[str, object]:
    content = {name: value for name, value in json.loads(path.read_text()).items() if name not in ELSEWHERE}
    history = [{name: value for name, value in epoch.items() if name != "seconds"} for epoch in content.pop("history")]
    return {**content, "history": history}


def ids(folder: Path) -> list[str]:
    return sorted(record.trial_id for record in load_study(folder).records if record.status == "ok")


def test_the_study_is_that_of_local_with_its_failures_and_the_records_name_the_node(start, on_ray, tmp_path):
    plan = ("dummy,hangs,dies,raises", "--seeds", "1", "--learning-rates", "0.01,1e30", "--trial-timeout", "5")
    here, there = start(tmp_path / "local", *plan).end(), on_ray(tmp_path / "ray", *plan).end()
    assert (there.code, here.code) == (1, 1), there.err
    assert there.out.count(": failed, ") == here.out.count(": failed, ") == 6
    assert there.out.count(": diverged, ") == here.out.count(": diverged, ") == 1
    for part in ("trials", "predictions"):
        names = [sorted(path.name for path in (tmp_path / one / part).iterdir()) for one in ("local", "ray")]
        assert names[0] == names[1], part
    for path in (tmp_path / "local" / "predictions").iterdir():
        assert path.read_bytes() == (tmp_path / "ray" / "predictions" / path.name).read_bytes()
    for path in (tmp_path / "local" / "trials").iterdir():
        assert without_times(path) == without_times(tmp_path / "ray" / "trials" / path.name)
    hosts = [{record.host for record in load_study(tmp_path / one).records} for one in ("local", "ray")]
    assert hosts == [{""}, {socket.gethostname()}]
    reasons = {
        record.trial.variant: record.reason for record in load_study(tmp_path / "ray").records if record.status == "failed"
    }
    assert reasons["dies"] == "the worker was ended by signal 9 (SIGKILL); it printed last: last words"
    assert reasons["hangs"] == "the trial hung: ended after 5 s (--trial-timeout)"


def test_a_node_that_is_killed_mid_run_costs_no_trial(on_ray, both, wait_for, tmp_path):
    command = on_ray(tmp_path, "slow", "--seeds", "10", "--learning-rates", "0.01,0.02")
    wait_for(lambda: len(list(tmp_path.glob("trials/*.json"))) >= 3, "three trials")
    both.kill_one()
    assert command.end().code == 0, command.err
    assert len(ids(tmp_path)) == len(set(ids(tmp_path))) == 40, "two rates and two baselines"
    assert "40/40 " in command.out
    assert "raylet" not in command.out + command.err


@pytest.mark.parametrize("how", ["killed", "interrupted"])
def test_a_command_that_ends_early_is_resumed_and_leaves_no_worker(on_ray, wait_for, tmp_path, how):
    command = on_ray(tmp_path, "slow", "--seeds", "6", "--learning-rates", "0.01")
    wait_for(lambda: len(list(tmp_path.glob("trials/*.json"))) >= 2, "two trials")
    if how == "killed":
        os.killpg(command.process.pid, signal.SIGKILL)
        assert command.end().code == -signal.SIGKILL
    else:
        command.interrupt()
        assert command.end().code == 130, command.err
        assert "interrupted; this resumes: " in command.err
    wait_for(lambda: not _workers(), "the end of the workers on the nodes")
    kept = len(list(tmp_path.glob("trials/*.json")))
    again = on_ray(tmp_path, "slow", "--seeds", "6", "--learning-rates", "0.01").end()
    assert again.code == 0, again.err
    assert 2 <= kept < 18
    assert f"keeps {kept} of 18 trials" in again.out
    assert len(ids(tmp_path)) == 18


def test_a_command_that_is_interrupted_while_answers_come_ends_every_time_in_the_same_way(on_ray, wait_for, tmp_path):
    for attempt in range(6):
        folder = tmp_path / str(attempt)
        command = on_ray(folder, "dummy,bias", "--seeds", "150", "--learning-rates", "0.01")
        wait_for(lambda: len(list(folder.glob("trials/*.json"))) >= 2, "two trials")  # noqa: B023 - called here
        time.sleep(0.02 * attempt)
        command.interrupt()
        assert command.end().code == 130, command.err
        assert command.err.count("\n") == 1


def _workers() -> list[str]:
    """The processes on this machine that train for a slot of a node: their environment names the folder of this test's nodes."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            line, environment = (path / "cmdline").read_text(), (path / "environ").read_text()
        except OSError:
            continue
        if "spawn_main" in line and "-nodes\0" in environment and "resource_tracker" not in line:
            found.append(path.name)
    return found


def test_an_address_that_reaches_no_cluster_is_refused_in_one_sentence_within_seconds(start, tmp_path, monkeypatch):
    command = start(tmp_path / "study", "dummy", "--executor", "ray", "--ray-address", "127.0.0.1:1").end()
    assert command.code == 2
    assert command.err == (
        "bench: --ray-address 127.0.0.1:1 reaches no Ray cluster (Connection refused); "
        "pass what 'ray start --head' printed, or leave the flag out to start a cluster here\n"
    )
    assert not (tmp_path / "study").exists()
    monkeypatch.setattr("bench.harness.cluster.connection.ANSWERING", 4.0)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(UserError, match="what answers there is no Ray cluster"):
        check_ray(f"127.0.0.1:{silent.getsockname()[1]}")


def test_a_cluster_of_another_version_is_refused_in_one_sentence(on_ray, nodes, tmp_path):
    from ray._raylet import GcsClient

    client, key, space = GcsClient(address=nodes.address), b"CLUSTER_METADATA", b"cluster"
    said = client.internal_kv_get(key, space)
    client.internal_kv_put(key, json.dumps({**json.loads(said), "ray_version": "2.59.0"}).encode(), True, space)
    try:
        command = on_ray(tmp_path / "study", "dummy").end()
    finally:
        client.internal_kv_put(key, said, True, space)
    assert command.code == 2
    assert "is of another version: the cluster has Ray 2.59.0 on Python" in command.err
    assert command.err.count("\n") == 1


PACKAGE = """
from bench.registry import register_variant
from cfce.models.dot_product_bias import dot_product_bias

register_variant("from-a-package", "of an installed package", objective="squared-error")(dot_product_bias)
"""


def test_a_node_that_lacks_the_package_of_a_variant_is_named_in_one_sentence(on_ray, tmp_path):
    site = tmp_path / "site"
    (site / "only_here-1.dist-info").mkdir(parents=True)
    (site / "only_here.py").write_text(PACKAGE)
    (site / "only_here-1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: only-here\nVersion: 1\n")
    (site / "only_here-1.dist-info" / "entry_points.txt").write_text("[cfce.plugins]\nhere = only_here\n")
    path = os.pathsep.join(filter(None, (str(site), os.environ.get("PYTHONPATH"))))
    command = on_ray(tmp_path / "study", "from-a-package", PYTHONPATH=path).end()
    assert command.code == 2
    assert f"the node '{socket.gethostname()}' cannot train: it lacks the variant 'from-a-package'" in command.err
    assert command.err.count("\n") == 1


def test_a_node_with_another_version_of_a_library_is_named_in_one_sentence(on_ray, tmp_path):
    (tmp_path / "site" / "numpy-0.1.dist-info").mkdir(parents=True)
    (tmp_path / "site" / "numpy-0.1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: numpy\nVersion: 0.1\n")
    path = os.pathsep.join(filter(None, (str(tmp_path / "site"), os.environ.get("PYTHONPATH"))))
    command = on_ray(tmp_path / "study", "dummy", PYTHONPATH=path).end()
    assert command.code == 2
    assert "there and 0.1 here; install the same versions on every node" in command.err
    assert command.err.count("\n") == 1


def test_trials_for_cuda_are_refused_where_no_node_has_a_gpu(both, tmp_path):
    from bench.harness.cluster.connection import connected
    from bench.harness.cluster.dispatch import Dispatch
    from bench.plan.trial import Trial
    from cfce.options import OptionValues

    trial = Trial("d", "f", "random-80-10-10", "ce", "torch", "cuda", 0, 0, 0, OptionValues(), "c", "id")
    with connected(both.address, 0, 0, {}) as cluster, pytest.raises(UserError, match="no node of the Ray cluster has a GPU"):
        next(Dispatch(cluster, None, None, 0, print).run([(trial,)]))


HOG = """
import time
from bench.registry import DirectEstimator, register_variant
import numpy as np

class Hog(DirectEstimator):
    family, label, libraries = "regression", "numpy", ("numpy",)

    def learn(self, fold):
        held = []
        for _ in range(60):  # 6 GB, in 6 s
            held.append(np.ones(100 * 2**17))
            time.sleep(0.1)
        time.sleep(600)

register_variant("hog", "takes all memory", estimator=Hog())
"""


def test_a_trial_that_takes_the_memory_of_its_node_fails_and_the_others_go_on(start, tmp_path):
    memory = {line.split(":")[0]: int(line.split()[1]) for line in Path("/proc/meminfo").read_text().splitlines()}
    free, total = memory["MemAvailable"], memory["MemTotal"]
    if free < 8 * 2**20:
        pytest.skip("needs 8 GB of free memory")
    (tmp_path / "hog.py").write_text(HOG)
    limit = f"{(total - free + 3 * 2**20) / total:.3f}"
    more = ("--plugin", str(tmp_path / "hog.py"), "--seeds", "2", "--jobs", "1", "--executor", "ray")
    command = start(tmp_path / "study", "hog,dummy", *more, RAY_memory_usage_threshold=limit).end()
    assert command.code == 1, command.err
    reasons = {record.trial.variant: record.reason for record in load_study(tmp_path / "study").records}
    assert "its node ran out of memory, and Ray ended the worker" in reasons.pop("hog")
    assert set(reasons.values()) == {""}
