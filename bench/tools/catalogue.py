"""What there is to choose from, as plain values: every registered part, every option, samplers, devices and presets."""

from bench.plan.presets import PRESETS
from bench.registry import REGISTRIES
from bench.variants.variant import VARIANTS, Variant
from cfce.engines.devices import available_devices
from cfce.options import SAMPLERS, shown
from cfce.text import short

DEVICES = {"cpu": "trained with one thread a worker", "cuda": "the first CUDA device"}

Entry = dict[str, str]


def catalogue() -> dict[str, list[Entry]]:
    """Kind to its entries: each has a name and a description, a part its source too.

    A variant has its family, and what stands against its being fitted here, if anything does (``obstacle``).
    """
    found: dict[str, list[Entry]] = {}
    for kind, registry in REGISTRIES.items():
        found[kind] = [_part(name, part, registry.source(name)) for name, part in registry.items()]
        if kind == "variants":
            found["options"] = _options()
    return found | {
        "samplers": _entries(SAMPLERS),
        "devices": _entries({name: DEVICES[name] for name in available_devices()}),
        "presets": _entries({name: preset.description for name, preset in PRESETS.items()}),
    }


def _part(name: str, part: object, source: str) -> Entry:
    told = getattr(part, "description", "") or getattr(part, "label", "") or (type(part).__doc__ or "").split("\n")[0]
    of_variant = {"family": part.family, "obstacle": _obstacle(part)} if isinstance(part, Variant) else {}
    return {"name": name, "description": str(told), **of_variant, "source": source}


def _obstacle(variant: Variant) -> str:
    try:
        return str(variant.estimator.obstacle() or "")
    except Exception as error:  # an estimator of a plug-in may raise anything, and the others are to be listed
        return f"it raised {type(error).__name__}: {short(error)}"


def _entries(described: dict[str, str]) -> list[Entry]:
    return [{"name": name, "description": description} for name, description in described.items()]


def _options() -> list[Entry]:
    """Options by name, description and default; options that differ in one of these are entries of their own."""
    of: dict[tuple[str, str, str], list[str]] = {}
    for variant in VARIANTS.values():
        for option in variant.options.values():
            default = shown(variant.defaults.get(option.name, option.default))
            of.setdefault((option.name, option.help.rstrip("."), default), []).append(variant.name)
    return [
        {"name": name, "description": text, "default": default, "of": _listed(variants)}
        for (name, text, default), variants in of.items()
    ]


def _listed(variants: list[str]) -> str:
    """The variants that have an option, networks in a word where all of them have it."""
    networks = [name for name, variant in VARIANTS.items() if variant.estimator.in_presets]
    if len(networks) < 2 or not set(networks).issubset(variants):
        return ", ".join(variants)
    return ", ".join(["all networks", *(name for name in variants if name not in networks)])
