"""Parts of a report that fail alone: what could not be made is said in its place, and everything else is written."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from bench.report.content import Section
from cfce.files import NO_ROOM
from cfce.text import short

T = TypeVar("T")


@dataclass
class Guard:
    """Makes the parts of a report and keeps what could not be made."""

    problems: list[str] = field(default_factory=list)
    """A line each: what, and why."""

    def attempt(self, what: str, make: Callable[[], T], instead: T) -> T:
        """What ``make`` gives; where it raises, ``instead``, and a problem of that name.

        >>> guard = Guard()
        >>> guard.attempt("the ratio", lambda: 1 / 0, 0.0), guard.problems
        (0.0, ['the ratio could not be made: ZeroDivisionError: division by zero'])
        """
        try:
            return make()
        except OSError as error:
            if error.errno in NO_ROOM:
                raise  # no other part could be written either
            return self._failed(what, error, instead)
        except Exception as error:  # a part may raise anything, and the others are worth having
            return self._failed(what, error, instead)

    def _failed(self, what: str, error: Exception, instead: T) -> T:
        self.problems.append(f"{what} could not be made: {type(error).__name__}: {short(error)}")
        return instead

    def section(self, make: "partial[Section | None] | Callable[[], Section | None]") -> Section | None:
        """A section, or one in its place that says why it could not be made."""
        inner: Any = make.func if isinstance(make, partial) else make
        name = str(getattr(inner, "__name__", "report")).replace("_", " ")
        before = len(self.problems)
        found = self.attempt(f"the section '{name}'", make, None)
        if len(self.problems) == before:
            return found
        sentence = self.problems[-1]
        return Section(f"failed-{before}", f"Not made: {name}", (f"{sentence[0].upper()}{sentence[1:]}.",))
