"""The executor ``ray``: registration, and what is sent to the cluster before the first unit."""

import sys
import uuid
from collections.abc import Collection, Generator, Mapping, Sequence
from typing import Any

from bench.harness.cluster.connection import check_ray, connected
from bench.harness.cluster.dispatch import Dispatch
from bench.harness.cluster.kit import Answer, Kit, Refused
from bench.harness.executor import Executor, Report, Setup, Travels, register_executor
from bench.harness.outcome import Outcome
from bench.harness.unit import Unit


def run_on_ray(units: Sequence[Unit], setup: Setup, report: Report) -> Generator[Outcome]:
    """Train units on the cluster at the address of ``setup``, or on one that is started here with a CPU for each job."""
    if not units:
        return
    check_ray("")
    from bench.harness.cluster.node import deciding_versions, fingerprint_of

    files = {path.name: path.read_bytes() for path in sorted(setup.ratings.iterdir())}
    prepare = setup.prepare
    packages: list[str] = []
    if setup.address and isinstance(prepare, Travels):
        prepare, packages = prepare.packed(setup.logs)
    size = sum(map(len, files.values()))
    with connected(setup.address, setup.jobs, size, {"py_modules": packages}) as cluster:
        kit = Kit(
            run=uuid.uuid4().hex,
            fingerprint=fingerprint_of(files),
            ratings=[cluster.ray.put(files)],
            prepare=prepare,
            trial_timeout=setup.trial_timeout,
            versions=deciding_versions(),
            needs=_named_by(units),
            home=(cluster.node, sys.executable),
            prepare_at_home=setup.prepare,
            ratings_at_home=setup.ratings.absolute(),
        )
        del files
        most = setup.jobs if setup.address else 2 * setup.jobs
        task = cluster.ray.remote(max_retries=0, max_calls=0)(fit_on_node)
        yield from Dispatch(cluster, task, cluster.ray.put(kit), most, report).run(units)


def fit_on_node(kit: Kit, unit: Unit, known: Collection[tuple[str, int]]) -> Answer | Refused:
    """The task: one unit on whatever node it comes to."""
    import ray

    from bench.harness.cluster.node import fit_unit

    return fit_unit(kit, unit, known, ray.get_runtime_context().get_node_id(), _fetched)


def _fetched(reference: Any) -> Mapping[str, bytes]:
    import ray

    files: Mapping[str, bytes] = ray.get(reference)
    return files


def _named_by(units: Sequence[Unit]) -> tuple[tuple[str, str], ...]:
    """Kind and name of the parts that trials name; an estimator that is no network has a label where others name an engine."""
    from cfce.engines import ENGINES

    needed: dict[tuple[str, str], None] = {}
    for trial in (trial for unit in units for trial in unit):
        needed |= {("variant", trial.variant): None, ("protocol", trial.protocol): None}
        if trial.engine in ENGINES:
            needed["engine", trial.engine] = None
    return tuple(needed)


RAY = register_executor(
    Executor(
        "ray",
        "tasks of a Ray cluster: the one at --ray-address, or one on this machine (extra 'ray')",
        run_on_ray,
        elsewhere=True,
        check=check_ray,
    )
)
