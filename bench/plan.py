"""The plan: from flags to the grid of trials that a command asks for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, TypeVar

from bench.code_version import code_version
from bench.presets import Preset, preset_named
from bench.registry import VARIANTS, Variant, variant_named
from bench.trial import Trial
from cfce.errors import UserError, unknown_name
from cfce.objectives import objective_named
from cfce.options import TrainingOptions
from cfce.splits import PROTOCOLS
from cfce.training import TRAINABLE, available_devices, default_engine, engines_for

T = TypeVar("T")

BASELINES = ("constant", "bias")
DEVICES = ("cpu", "cuda")
BUILT_IN = ("regression", "ce-sigmoid", "ce")
"""The variants of a plan that names none."""


@dataclass(frozen=True)
class Flags:
    """What the user said; None where nothing was said, so that the preset or the variant decides."""

    preset: str = "default"
    protocol: str | None = None
    variants: tuple[str, ...] | None = None
    learning_rates: tuple[float, ...] | None = None
    seeds: int | None = None
    splits: int | None = None
    orders: int | None = None
    epochs: int | None = None
    batch_size: int | None = None
    weight_decay: float | None = None
    n_factors: int | None = None
    samplers: tuple[str, ...] | None = None
    devices: tuple[str, ...] | None = None
    engine: str | None = None


@dataclass(frozen=True)
class VariantPlan:
    """One variant's share of the grid: every training options by every device, with the engine that trains it there."""

    variant: str
    options: tuple[TrainingOptions, ...]
    engines: Mapping[str, str]
    """Device to engine."""


@dataclass(frozen=True)
class Plan:
    """A grid of trials: variants x draws of (split, seed, order)."""

    preset: str
    protocol: str
    seeds: int
    splits: int | None
    orders: int | None
    variants: tuple[VariantPlan, ...]

    def draws(self) -> list[tuple[int, int, int]]:
        """The (split, seed, order) of each repetition: all three equal the seed, unless splits or orders are crossed with it.

        >>> Plan("default", "random-80-20", 2, None, None, ()).draws()
        [(0, 0, 0), (1, 1, 1)]
        >>> Plan("default", "random-80-20", 2, 2, None, ()).draws()
        [(0, 0, 0), (0, 1, 1), (1, 0, 0), (1, 1, 1)]
        >>> Plan("default", "random-80-20", 1, 1, 2, ()).draws()
        [(0, 0, 0), (0, 0, 1)]
        """
        return [
            (split, seed, order)
            for split, seed in self._split_seeds()
            for order in ([seed] if self.orders is None else range(self.orders))
        ]

    def _split_seeds(self) -> list[tuple[int, int]]:
        if self.splits is None:
            return [(seed, seed) for seed in range(self.seeds)]
        return [(split, seed) for split in range(self.splits) for seed in range(self.seeds)]

    def trials(self, dataset: str, fingerprint: str) -> list[Trial]:
        """Every trial, split by split, so that a worker splits the ratings seldom; baselines come once a split."""
        found: dict[str, Trial] = {}
        code = cache(lambda name, engine: code_version(variant_named(name), engine))
        for split, seed, order in self.draws():
            for share in self.variants:
                variant = variant_named(share.variant)
                draw = (split, split, split) if variant.is_baseline else (split, seed, order)
                for options in share.options:
                    for device, engine in share.engines.items():
                        what = (dataset, fingerprint, self.protocol, share.variant, engine, device)
                        trial = Trial(*what, *draw, options, code(share.variant, engine))
                        found.setdefault(trial.trial_id, trial)
        return list(found.values())

    def to_json(self) -> dict[str, Any]:
        """The plan as plain JSON values, flags as resolved."""
        return {
            "preset": self.preset,
            "protocol": self.protocol,
            "seeds": self.seeds,
            "splits": self.splits,
            "orders": self.orders,
            "variants": {share.variant: _share_json(share) for share in self.variants},
        }


def _share_json(share: VariantPlan) -> dict[str, Any]:
    """The distinct values of each option of one variant, and its engines."""
    values = {
        field.name: sorted({getattr(options, field.name) for options in share.options}) for field in fields(TrainingOptions)
    }
    return {**values, "engines": dict(share.engines)}


def make_plan(flags: Flags) -> Plan:
    """The plan that flags ask for; a flag beats the variant's own options, and these beat the preset.

    Raises ``UserError`` for an unknown name, a number out of range, a device that is absent, or an engine that does not
    know a variant.
    """
    preset = preset_named(flags.preset)
    protocol = flags.protocol or preset.protocol
    if protocol not in PROTOCOLS:
        raise unknown_name("protocol", protocol, PROTOCOLS)
    for name in ("seeds", "splits", "orders"):
        count = getattr(flags, name)
        if count is not None and count < 1:
            raise UserError(f"--{name} {count} came; it is a count, 1 or above")
    for name in ("variants", "learning_rates", "samplers", "devices"):
        if getattr(flags, name) == ():
            raise UserError(f"--{name.replace('_', '-')} came empty; it is a list separated by commas")
    asked = _distinct(flags.variants or BUILT_IN)
    variants = [variant_named(name) for name in asked]
    variants += [VARIANTS[name] for name in BASELINES if name not in asked]
    devices = _devices(flags)
    return Plan(
        preset=flags.preset,
        protocol=protocol,
        seeds=flags.seeds or preset.seeds,
        splits=flags.splits,
        orders=flags.orders,
        variants=tuple(_share(variant, flags, preset, devices) for variant in variants),
    )


def _share(variant: Variant, flags: Flags, preset: Preset, devices: tuple[str, ...]) -> VariantPlan:
    if variant.is_baseline:
        return VariantPlan(variant.name, (TrainingOptions(),), {"cpu": "baseline"})
    engines = {device: _engine(variant, device, flags.engine) for device in devices}
    return VariantPlan(variant.name, tuple(_options(variant, flags, preset)), engines)


def _options(variant: Variant, flags: Flags, preset: Preset) -> Iterator[TrainingOptions]:
    """Every combination of sampler and learning rate for one variant."""
    own = dict(variant.defaults)
    rates = preset.own_rates.get(variant.name, preset.learning_rates)
    rates = flags.learning_rates or ((own["learning_rate"],) if "learning_rate" in own else rates)
    samplers = flags.samplers or ((own["sampler"],) if "sampler" in own else preset.samplers)
    single = {"epochs": preset.epochs} | own
    for name in ("epochs", "batch_size", "weight_decay", "n_factors"):
        if getattr(flags, name) is not None:
            single[name] = getattr(flags, name)
    for sampler in _distinct(samplers):
        for rate in _distinct(rates):
            yield TrainingOptions(**(single | {"learning_rate": rate, "sampler": sampler}))


def _devices(flags: Flags) -> tuple[str, ...]:
    """The devices to train on: those asked for, or every one that there is and that the engine can use."""
    present = available_devices()
    if flags.devices is None:
        return ("cpu",) if flags.engine == "fused" else tuple(present)
    for device in flags.devices:
        if device not in DEVICES:
            raise unknown_name("device", device, DEVICES)
        if device not in present:
            raise UserError(f"device '{device}' came, but no CUDA device was found here; use --devices {','.join(present)}")
    return _distinct(flags.devices)


def _engine(variant: Variant, device: str, engine: str | None) -> str:
    """The engine that trains a variant on a device: the one asked for where it can, else the default."""
    assert variant.scorer is not None
    objective = objective_named(variant.objective)
    if engine is None:
        return default_engine(device, variant.scorer, objective)
    if engine not in TRAINABLE:
        raise unknown_name("engine", engine, TRAINABLE)
    able = engines_for(variant.scorer, objective)
    if engine not in able:
        raise UserError(
            f"engine '{engine}' does not know the variant '{variant.name}'; use --engine {' or '.join(able)}, or leave it out"
        )
    if engine == "fused" and device != "cpu":
        raise UserError(f"engine 'fused' trains on cpu, but --devices {device} came; use --engine torch or --devices cpu")
    return engine


def _distinct(values: Sequence[T]) -> tuple[T, ...]:
    """The values without repeats, in their order."""
    return tuple(dict.fromkeys(values))
