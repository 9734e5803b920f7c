"""``python -m bench``: hands the command line to ``bench.cli`` and ends with its exit code."""

import sys


def main() -> None:
    """Run the command line; workers import this module too, so nothing heavy is imported until it is called."""
    from bench.cli import run_cli

    sys.exit(run_cli(sys.argv[1:]))


if __name__ == "__main__":
    main()
