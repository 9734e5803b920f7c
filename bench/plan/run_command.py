"""Which commands are ``bench run``, of those that studies keep."""

import shlex

BEGINS = (("bench", "run"), ("python", "-m", "bench", "run"))


def is_run(command: str) -> bool:
    """Whether a command trains the trials of a plan; a search has a space of its own, and no grid or seeds to add to.

    >>> is_run("python -m bench run --seeds 2"), is_run("bench tune --out run"), is_run("unknown: study.json was lost")
    (True, False, False)
    """
    words = shlex.split(command)
    return any(words[: len(begin)] == [*begin] for begin in BEGINS)
