"""The command line: one file a command, assembled in ``bench.cli.app``."""

from bench.cli.app import app, run_cli

__all__ = ["app", "run_cli"]
