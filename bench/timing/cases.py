"""What is timed: each engine with each variant on each device, and the torch engine with several trials in one pass."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bench.variants.variant import VARIANTS, trained_variant
from cfce.engines import ENGINES, engines_for
from cfce.engines.devices import available_devices, check_device
from cfce.engines.task import Task as Training
from cfce.errors import UserError
from cfce.estimators import Network, Task
from cfce.options import TrainingOptions
from cfce.registry import BUILT_IN
from cfce.splits import Fold

TRIALS_AT_ONCE = 8
"""Trials in one pass: what the torch engine is timed with beside one trial."""

REFERENCE = "fastai"
"""The engine that ratios are taken to."""


@dataclass(frozen=True)
class Case:
    """One row of the timing table: an engine, a variant, a device, and how many trials are trained in one pass."""

    engine: str
    variant: str
    device: str
    trials: int = 1

    @property
    def name(self) -> str:
        """How tables and other files name this case.

        >>> Case("torch", "ce", "cpu", 8).name
        'torch-ce-cpu-stacked-8'
        """
        return "-".join((self.engine, self.variant, self.device)) + (f"-stacked-{self.trials}" if self.trials > 1 else "")

    @property
    def uses_torch(self) -> bool:
        """Whether the engine's numbers, and so its threads, are torch's."""
        return "torch" in ENGINES[self.engine].libraries

    def tasks(self, fold: Fold, options: TrainingOptions) -> list[Training]:
        """The trainings of one round, which differ in their seed."""
        network = replace(_network(self.variant), training=options)
        return [network.on(Task(fold, seed=seed, order=seed, device=self.device)) for seed in range(self.trials)]


def cases_of(engines: Sequence[str] | None, variants: Sequence[str], devices: Sequence[str] | None) -> list[Case]:
    """Every case that can run, grouped by variant and device; without names, every engine and every device of this machine.

    Raises ``UserError`` for an unknown engine, device or variant, a baseline, a device that is absent, and an engine
    that none of the variants can use.
    """
    for flag, given in (("variants", variants), ("engines", engines), ("devices", devices)):
        if given is not None and not given:
            raise UserError(f"--{flag} came empty; it is names separated by commas")
    for engine in engines or ():
        ENGINES[engine]  # or it raises
    here = available_devices()
    for device in devices or ():
        check_device(device)
    found = [
        case
        for variant in dict.fromkeys(variants)
        for device in dict.fromkeys(devices or here)
        for case in _cases_of_variant(engines or tuple(ENGINES), variant, device)
    ]
    for engine in engines or ():
        if not any(case.engine == engine for case in found):
            raise UserError(
                f"engine '{engine}' trains none of {', '.join(variants)} on {', '.join(devices or here)}; leave it out"
            )
    return found


def _cases_of_variant(engines: Sequence[str], name: str, device: str) -> Iterator[Case]:
    network = _network(name)
    able = [engine.name for engine in engines_for(network.scorer, network.objective, network.training, device)]
    for engine in dict.fromkeys(engines):
        if engine in able:
            yield Case(engine, name, device)
            if ENGINES[engine].fit_batch is not None:
                yield Case(engine, name, device, TRIALS_AT_ONCE)


def is_foreign(case: Case) -> bool:
    """Whether a case runs code of a plug-in."""
    return VARIANTS.source(case.variant) != BUILT_IN or ENGINES.source(case.engine) != BUILT_IN


def _network(name: str) -> Network:
    """The network that a variant trains; ``UserError`` where it trains none."""
    found = trained_variant(name).estimator
    if not isinstance(found, Network):
        raise UserError(f"'{name}' is no network, so it has no epoch to time; name a variant that is trained")
    return found
