"""The plan: from flags to the grid of trials that a command asks for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from typing import Any, TypeVar

from bench.plan.code_version import code_version
from bench.plan.declared import check_declared
from bench.plan.presets import PRESETS, Grid, Preset
from bench.plan.trial import Trial
from bench.variants.variant import VARIANTS, Variant
from cfce.engines import ENGINES
from cfce.engines.devices import available_devices, check_device
from cfce.errors import UserError, unknown_name
from cfce.estimators import Estimator
from cfce.options import OptionValues
from cfce.protocols import PROTOCOLS, Protocol

T = TypeVar("T")

BASELINES = ("constant", "bias")
BUILT_IN = ("regression", "ce-sigmoid", "ce")
"""The variants of a plan that names none."""
MOST_SPLITS = 10_000
"""Fresh seeds of a split lie this far apart, so that more seeds or more splits never change those that there are."""


@dataclass(frozen=True)
class Flags:
    """What the user asked for; None where nothing was, so that the preset or the variant decides."""

    preset: str = "default"
    protocol: str | None = None
    variants: tuple[str, ...] | None = None
    seeds: int | None = None
    splits: int | None = None
    orders: int | None = None
    crossed: bool = False
    devices: tuple[str, ...] | None = None
    engine: str | None = None
    primary: str | None = None
    """The one comparison that is the question, ``A,B:SCORE``."""
    reference: str | None = None
    """The variant that everything is compared with."""
    options: Grid = field(default_factory=dict)
    """Option name to values, as text or in the option's own type."""


@dataclass(frozen=True)
class VariantPlan:
    """One variant's share of the grid: every setting of its options by every device, with what fits it there."""

    variant: str
    settings: tuple[tuple[OptionValues, Mapping[str, str]], ...]
    """Options, and device to engine."""


@dataclass(frozen=True)
class Plan:
    """A grid of trials: variants x draws of (split, seed, order)."""

    preset: str
    protocol: str
    seeds: int
    splits: int | None
    orders: int | None
    crossed: bool
    variants: tuple[VariantPlan, ...]
    primary: str | None = None
    reference: str | None = None

    def draws(self) -> list[tuple[int, int, int]]:
        """The (split, seed, order) of each repetition.

        Without splits, each seed has a split of its own. With S splits and N seeds, each split has N seeds of its own, or,
        ``crossed``, the same N. An order is the seed's unless orders are crossed with it.

        >>> Plan("default", "random-80-20", 2, None, None, False, ()).draws()
        [(0, 0, 0), (1, 1, 1)]
        >>> Plan("default", "random-80-20", 2, 2, None, False, ()).draws()
        [(0, 0, 0), (0, 10000, 10000), (1, 1, 1), (1, 10001, 10001)]
        >>> Plan("default", "random-80-20", 2, 2, None, True, ()).draws()
        [(0, 0, 0), (0, 1, 1), (1, 0, 0), (1, 1, 1)]
        >>> Plan("default", "random-80-20", 1, 1, 2, False, ()).draws()
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
        pairs = product(range(self.splits), range(self.seeds))
        return [(split, number if self.crossed else split + MOST_SPLITS * number) for split, number in pairs]

    def trials(self, dataset: str, fingerprint: str) -> list[Trial]:
        """Every trial, split by split, so that a worker splits the ratings seldom; what has no seed comes once a split."""
        found: dict[str, Trial] = {}
        protocol = PROTOCOLS[self.protocol]
        code = cache(lambda name, engine: code_version(VARIANTS[name].estimator, engine, protocol))
        for split, seed, order in self.draws():
            for share in self.variants:
                variant = VARIANTS[share.variant]
                draw = (split, seed, order) if variant.estimator.uses_seed else (split, split, split)
                for options, engines in share.settings:
                    for device, engine in engines.items():
                        what = (dataset, fingerprint, self.protocol, share.variant, engine, device)
                        trial = Trial(*what, *draw, options, code(share.variant, engine)).identified(variant.options)
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
            "crossed": self.crossed,
            "variants": {share.variant: _share_json(share) for share in self.variants},
            **({"primary": self.primary} if self.primary else {}),
            **({"reference": self.reference} if self.reference else {}),
        }


def _share_json(share: VariantPlan) -> dict[str, Any]:
    """The distinct values of each option of one variant, and its engines."""
    names = dict.fromkeys(name for options, _ in share.settings for name in options)
    values = {name: sorted({options[name] for options, _ in share.settings}) for name in names}
    engines = {device: engine for _, found in share.settings for device, engine in found.items()}
    return {**values, "engines": engines}


def make_plan(flags: Flags) -> Plan:
    """The plan that flags ask for; a flag beats the variant's own options, and these beat the preset.

    Raises ``UserError`` for an unknown name, a number out of range, more folds than the protocol has, an option that no
    variant of the plan has, a device that is absent, or an engine that cannot train a variant.
    """
    preset = PRESETS[flags.preset]
    protocol = PROTOCOLS[flags.protocol or preset.protocol]
    for name in ("seeds", "splits", "orders"):
        count = getattr(flags, name)
        if count is not None and count < 1:
            raise UserError(f"--{name} {count} came; it is a count, 1 or above")
    for name, given in {"--variants": flags.variants, "--devices": flags.devices, **flags.options}.items():
        if given == ():
            raise UserError(f"{name.replace('_', ' ')} came empty; it is a list separated by commas")
    asked = variant_names(flags.variants or BUILT_IN)
    variants = [VARIANTS[name] for name in asked]
    variants += [VARIANTS[name] for name in BASELINES if name not in asked]
    check_options(flags.options, variants)
    check_declared(flags.primary, flags.reference, [variant.name for variant in variants])
    devices = _devices(flags)
    seeds = flags.seeds or preset.seeds
    return Plan(
        preset=flags.preset,
        protocol=protocol.name,
        seeds=seeds,
        splits=_splits(flags, protocol, seeds),
        orders=flags.orders,
        crossed=flags.crossed,
        variants=tuple(_share(variant, flags, preset, devices) for variant in variants),
        primary=flags.primary,
        reference=flags.reference,
    )


def variant_names(names: Sequence[str]) -> tuple[str, ...]:
    """The variants that names and names of groups stand for: ``all``, ``all-networks``, ``programs``, or a family.

    Programs that run outside this Python are in no group but ``programs``: their environments may have to be made first.
    """
    found: list[str] = []
    inside = {one: variant for one, variant in VARIANTS.items() if not variant.estimator.outside}
    families = dict.fromkeys(variant.family for variant in VARIANTS.values())
    groups = {
        "all": list(inside),
        "all-networks": [one for one, variant in inside.items() if variant.estimator.in_presets],
        "programs": [one for one in VARIANTS if one not in inside],
    }
    for family in families:  # 'regression' is a variant too
        groups[f"all-{family}"] = groups[family] = [one for one, variant in inside.items() if variant.family == family]
    for name in names:
        if name not in VARIANTS and name not in groups:
            raise unknown_name("variant", name, {**VARIANTS, **groups})
        found += [name] if name in VARIANTS else groups[name]
    return _distinct(found)


def _splits(flags: Flags, protocol: Protocol, seeds: int) -> int | None:
    """The number of splits to cross with seeds; a protocol of one fold has one split whatever the number of seeds."""
    splits = 1 if flags.splits is None and protocol.n_folds == 1 else flags.splits
    wanted = seeds if splits is None else splits
    if protocol.n_folds is not None and wanted > protocol.n_folds:
        raise UserError(
            f"the plan asks for {wanted} folds, but the protocol '{protocol.name}' has {protocol.n_folds}; "
            f"use --splits {protocol.n_folds} with --seeds for more fits of each"
        )
    if wanted > MOST_SPLITS:
        raise UserError(f"the plan asks for {wanted} splits; allowed are at most {MOST_SPLITS}")
    return splits


def check_options(options: Iterable[str], variants: Sequence[Variant]) -> None:
    """``UserError`` for an option that no variant of a plan has."""
    known = {name for variant in variants for name in variant.options}
    for name in options:
        if name in known:
            continue
        having = [variant.name for variant in VARIANTS.values() if name in variant.options]
        if having:
            raise UserError(
                f"the option '{name}' came, and none of {', '.join(variant.name for variant in variants)} has it; "
                f"leave it out, or add a variant that has it, such as {having[0]}"
            )
        raise unknown_name("option", name, known)


def _share(variant: Variant, flags: Flags, preset: Preset, devices: tuple[str, ...]) -> VariantPlan:
    estimator = variant.estimator
    options = estimator.options()
    grid: dict[str, Sequence[Any]] = {name: (option.default,) for name, option in options.items()}
    if estimator.in_presets:
        of_preset = {**preset.options, **preset.of_variant.get(variant.name, {})}
        grid |= {name: values for name, values in of_preset.items() if name in options}
    grid |= {name: (value,) for name, value in variant.defaults.items()}
    grid |= {name: values for name, values in flags.options.items() if name in options}
    settings: dict[OptionValues, Mapping[str, str]] = {}
    read = {name: _distinct([options[name].value(value) for value in values]) for name, values in grid.items()}
    on = [device for device in devices if device in estimator.devices] or list(estimator.devices[:1])
    for combination in product(*read.values()):
        values = dict(zip(read, combination, strict=True))
        configured = estimator.with_options(values)
        settings[OptionValues(values)] = {device: engine_of(variant.name, configured, device, flags.engine) for device in on}
    return VariantPlan(variant.name, tuple(settings.items()))


def engine_of(variant: str, configured: Estimator, device: str, asked: str | None = None) -> str:
    """The engine that trains a variant with options on a device; ``UserError``, with its name, where none can."""
    try:
        return str(configured.engine_on(device, asked))
    except UserError as error:
        raise UserError(f"variant '{variant}': {error}") from error


def _devices(flags: Flags) -> tuple[str, ...]:
    """The devices to train on: those asked for, or every one that there is and that the engine can use."""
    present = available_devices()
    if flags.engine is not None:
        present = [device for device in present if device in ENGINES[flags.engine].devices]
    if flags.devices is None:
        return tuple(present)
    for device in flags.devices:
        check_device(device)
    return _distinct(flags.devices)


def _distinct(values: Sequence[T]) -> tuple[T, ...]:
    """The values without repeats, in their order."""
    return tuple(dict.fromkeys(values))
