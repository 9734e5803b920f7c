"""``python -m bench``: hands the command line to ``bench.cli`` and ends with its exit code."""

import gc
import signal
import sys

FEW = 100_000
"""New objects after which Python looks for garbage: imports make many and leave none, so at its usual 700 it looks in vain."""


def main() -> None:
    """Run the command line; workers import this module too, so nothing heavy is imported until it is called."""
    gc.set_threshold(FEW)
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
    gc.freeze()  # or Python looks through all that was imported once more, for a third of a second
    sys.exit(code)


if __name__ == "__main__":
    main()
