"""``bench list``: what there is to choose from."""

import json
from typing import Annotated

import typer

from bench.cli.options import Debug, Plugin, Programs
from bench.cli.terminal import show

EXAMPLES = """List variants and their options, datasets, protocols, objectives, engines, metrics, executors, devices and presets.

Each has one line; behind a variant stands its family, and behind a part that a plug-in registered the file that it came from.

\b
Examples:
  bench list
  bench list --json | jq -r '.variants[].name'
  bench list --plugin my_variant.py
  bench list --program mine=fit.py
"""


def list_all(
    as_json: Annotated[bool, typer.Option("--json", help="Everything as JSON, for programs.")] = False,
    plugin: Plugin = None,
    program: Programs = None,
    debug: Debug = False,
) -> None:
    """List variants and their options, datasets, protocols, objectives, engines, metrics, executors, devices and presets."""
    from bench.tools.catalogue import catalogue
    from bench.variants.plugins import load_parts
    from bench.variants.programs import read_programs
    from cfce.registry import BUILT_IN

    load_parts(tuple(plugin or ()), read_programs(program))
    sections = catalogue()
    if as_json:
        show(json.dumps(sections, indent=2))
        return
    width = max(len(entry["name"]) for entries in sections.values() for entry in entries) + 2
    for title, entries in sections.items():
        show(title)
        for entry in entries:
            behind = f" [{entry['source']}]" if entry.get("source", BUILT_IN) != BUILT_IN else ""
            if entry.get("family"):
                behind = f" ({entry['family']}){behind}"
            if entry.get("obstacle"):
                behind += f"; cannot run here: {entry['obstacle']}"
            if title == "options":
                behind = f"; default {entry['default']} ({entry['of']})"
            show(f"  {entry['name']:<{width}}{entry['description']}{behind}")
