"""``bench list``: what there is to choose from."""

import typer

from bench.cli.options import Debug, Plugin

EXAMPLES = """List variants, datasets, protocols, samplers, engines, devices and presets, one line each.

\b
Examples:
  bench list
  bench list --plugin my_variant.py
"""


def list_all(plugin: Plugin = None, debug: Debug = False) -> None:
    """List variants, datasets, protocols, samplers, engines, devices and presets, one line each."""
    from bench.plugins import load_variants
    from bench.presets import PRESETS
    from bench.registry import VARIANTS
    from cfce.datasets import DATASETS
    from cfce.options import SAMPLERS
    from cfce.splits import PROTOCOLS
    from cfce.training import ENGINES, available_devices

    load_variants(tuple(plugin or ()))
    devices = {"cpu": "trained with one thread a worker", "cuda": "the first CUDA device"}
    sections: dict[str, dict[str, str]] = {
        "variants": {name: variant.description for name, variant in VARIANTS.items()},
        "datasets": DATASETS,
        "protocols": {name: description for name, (description, _) in PROTOCOLS.items()},
        "samplers": SAMPLERS,
        "engines": ENGINES,
        "devices": {name: devices[name] for name in available_devices()},
        "presets": {name: preset.description for name, preset in PRESETS.items()},
    }
    width = max(len(name) for lines in sections.values() for name in lines) + 2
    for title, lines in sections.items():
        typer.echo(title)
        for name, description in lines.items():
            typer.echo(f"  {name:<{width}}{description}")
