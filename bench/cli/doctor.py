"""``bench doctor``: what is here and what is missing."""

import typer

from bench.cli.options import Debug
from bench.cli.terminal import show

EXAMPLES = """Show versions, devices, caches and what is missing; exit code 1 where something needed is.

\b
Examples:
  bench doctor
"""


def doctor(debug: Debug = False) -> None:
    """Show versions, devices, caches and what is missing; exit code 1 where something needed is."""
    from bench.tools.doctor import examine

    findings = examine()
    width = max(len(finding.what) for finding in findings) + 2
    for finding in findings:
        show(f"{'ok     ' if finding.well else 'MISSING'} {finding.what:<{width}}{finding.found}")
    if not all(finding.well for finding in findings):
        raise typer.Exit(1)
