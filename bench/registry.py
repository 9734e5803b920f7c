"""All that a plug-in needs: what registers a part of each of the seven kinds, and what such a part is.

A plug-in is one Python file (``--plugin FILE``), or a module that an installed package names by an entry point in the group
``cfce.plugins``; importing it registers parts. ``bench list`` shows each part with its source.
"""

import bench.harness.cluster.executor
import bench.harness.local  # noqa: F401 - these register the built-in executors
from bench.harness.executor import EXECUTORS, Executor, register_executor
from bench.variants.variant import VARIANTS, Variant, register_variant
from cfce.datasets import DATASETS, Dataset, register_dataset
from cfce.engines import ENGINES, Engine, register_engine
from cfce.estimators import DirectEstimator, Estimator, Network
from cfce.metrics import METRICS, Metric, register_metric
from cfce.objectives import OBJECTIVES, Objective, register_objective
from cfce.protocols import PROTOCOLS, Protocol, register_protocol
from cfce.registry import Registry

__all__ = [
    "REGISTRIES",
    "Dataset",
    "DirectEstimator",
    "Engine",
    "Estimator",
    "Executor",
    "Metric",
    "Network",
    "Objective",
    "Protocol",
    "Variant",
    "register_dataset",
    "register_engine",
    "register_executor",
    "register_metric",
    "register_objective",
    "register_protocol",
    "register_variant",
]

REGISTRIES: dict[str, Registry] = {  # type: ignore[type-arg]
    "variants": VARIANTS,
    "datasets": DATASETS,
    "protocols": PROTOCOLS,
    "objectives": OBJECTIVES,
    "engines": ENGINES,
    "metrics": METRICS,
    "executors": EXECUTORS,
}
"""The seven kinds of part."""
