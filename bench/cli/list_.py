"""``bench list``: what there is to choose from."""

import typer

from bench.cli.options import Debug, Plugin

EXAMPLES = """List variants, datasets, protocols, objectives, engines, metrics, executors, samplers, devices and presets.

Each has one line; behind a part that a plug-in registered stands the file that it came from.

\b
Examples:
  bench list
  bench list --plugin my_variant.py
"""


def list_all(plugin: Plugin = None, debug: Debug = False) -> None:
    """List variants, datasets, protocols, objectives, engines, metrics, executors, samplers, devices and presets."""
    from bench.plan.presets import PRESETS
    from bench.registry import REGISTRIES
    from bench.variants.plugins import load_parts
    from cfce.engines.devices import available_devices
    from cfce.options import SAMPLERS
    from cfce.registry import BUILT_IN

    load_parts(tuple(plugin or ()))
    devices = {"cpu": "trained with one thread a worker", "cuda": "the first CUDA device"}
    sections: dict[str, dict[str, str]] = {}
    for kind, registry in REGISTRIES.items():
        sections[kind] = {}
        for name, part in registry.items():
            source = registry.source(name)
            told = str(
                getattr(part, "description", "") or getattr(part, "label", "") or (type(part).__doc__ or "").split("\n")[0]
            )
            sections[kind][name] = told if source == BUILT_IN else f"{told} [{source}]"
    sections |= {
        "samplers": SAMPLERS,
        "devices": {name: devices[name] for name in available_devices()},
        "presets": {name: preset.description for name, preset in PRESETS.items()},
    }
    width = max(len(name) for lines in sections.values() for name in lines) + 2
    for title, lines in sections.items():
        typer.echo(title)
        for name, description in lines.items():
            typer.echo(f"  {name:<{width}}{description}")
