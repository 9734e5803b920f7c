"""``python -m bench``: hands the command line to ``bench.cli`` and ends with its exit code."""

import signal
import sys


def main() -> None:
    """Run the command line; workers import this module too, so nothing heavy is imported until it is called."""
    try:
        from bench.cli import run_cli

        code = run_cli(sys.argv[1:])
    except KeyboardInterrupt:  # before or after the command itself
        sys.stderr.write("bench: interrupted\n")
        code = 130
    except Exception as error:  # ours, or --debug: as Python would, but no sign reaches the terminal that it would obey
        from traceback import format_exception

        from cfce.text import printable

        sys.stderr.write(printable("".join(format_exception(error))))
        code = 1
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # what is left is to end
    sys.exit(code)


if __name__ == "__main__":
    main()
