"""What the terminal shows while trials train: bar, time left and the last scores; plain lines where it is no terminal."""

import math
from collections import deque
from collections.abc import Callable
from html import escape
from time import perf_counter
from types import TracebackType
from typing import Any, Literal, Protocol, Self

from rich.console import Console, Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text

from bench.harness.outcome import Outcome
from cfce.text import printable, short

LONGEST = 1_000
"""Signs of a line that are shown."""
SHOWN = 6
"""Finished trials that stay on the terminal."""


class Reporter(Protocol):
    """Shown every outcome as it comes; a context manager around the run."""

    def __enter__(self) -> Self:
        """Begin to show."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Leave the terminal as it was."""

    def show(self, outcome: Outcome) -> None:
        """One trial is finished."""


def logger(console: Console) -> Callable[[str], None]:
    """What prints one line on the console, as it is, whatever foreign text is in it."""
    return lambda line: console.print(printable(line), markup=False, highlight=False, soft_wrap=True)


Detail = Literal["failures", "automatic", "lines"]
"""What is shown of finished trials: those that did not end well, a bar where there is a terminal, or a line each."""


def reporter(console: Console, total: int, detail: Detail = "automatic") -> Reporter:
    """The display for this terminal or notebook."""
    if detail == "automatic" and console.is_jupyter:
        return NotebookReporter(total)
    if detail == "automatic" and console.is_terminal:
        return LiveReporter(console, total)
    return PlainReporter(console, total, only_failures=detail == "failures")


class PlainReporter:
    """One line a trial: for logs and pipes; or a line for each trial that did not end well."""

    def __init__(self, console: Console, total: int, only_failures: bool = False) -> None:
        self.console = console
        self.total = total
        self.only_failures = only_failures
        self.done = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        return None

    def show(self, outcome: Outcome) -> None:
        """Print the trial and its scores."""
        self.done += 1
        if self.only_failures and outcome.record.status == "ok":
            return
        self.console.print(Text(f"{self.done}/{self.total} {line_of(outcome)}"), soft_wrap=True)


class LiveReporter:
    """A bar with the time left, over the last finished trials; failures stay above it."""

    def __init__(self, console: Console, total: int) -> None:
        self.console = console
        self.last: deque[Text] = deque(maxlen=SHOWN)
        self.progress = Progress(
            TextColumn("training"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=console,
            auto_refresh=False,
        )
        self.task = self.progress.add_task("training", total=total)
        self.live = Live(console=console, get_renderable=self._render, refresh_per_second=4)

    def __enter__(self) -> Self:
        self.live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.live.stop()

    def show(self, outcome: Outcome) -> None:
        """Advance the bar; a trial that did not end well is printed above it."""
        line = Text(line_of(outcome), overflow="ellipsis", no_wrap=True)
        if outcome.record.status == "ok":
            self.last.append(line)
        else:
            self.console.print(Text(line_of(outcome)))
        self.progress.advance(self.task)

    def _render(self) -> Group:
        return Group(*self.last, self.progress)


class NotebookReporter:
    """One output of a notebook's cell, drawn anew by each trial: a bar, the last trials, and those that did not end well."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.done = 0
        self.last: deque[str] = deque(maxlen=SHOWN)
        self.troubles: list[str] = []
        self.start = perf_counter()
        self.output: Any = None

    def __enter__(self) -> Self:
        from IPython.display import HTML, display

        self.html = HTML
        self.output = display(HTML(self._drawn()), display_id=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.last.clear()
        self.output.update(self.html(self._drawn()))

    def show(self, outcome: Outcome) -> None:
        """Advance the bar."""
        self.done += 1
        (self.last if outcome.record.status == "ok" else self.troubles).append(line_of(outcome))
        self.output.update(self.html(self._drawn()))

    def _drawn(self) -> str:
        lines = "".join(f"<div>{escape(line)}</div>" for line in (*self.troubles, *self.last))
        return (
            f'<div style="font-size: 85%"><progress value="{self.done}" max="{self.total}" aria-label="training"></progress> '
            f"{self.done} of {self.total} trials, {perf_counter() - self.start:.0f} s{lines}</div>"
        )


def line_of(outcome: Outcome) -> str:
    """A finished trial in one line: what it was, and how it ended on valid."""
    record, trial = outcome.record, outcome.record.trial
    rate = "" if math.isnan(trial.learning_rate) else f" lr {trial.learning_rate:g}"
    seed = f"seed {trial.seed}" if trial.split == trial.seed else f"split {trial.split} seed {trial.seed}"
    what = f"{trial.variant}{rate} {seed} ({trial.engine}, {trial.device})"
    if record.status != "ok":
        return short(f"{what}: {record.status}, {record.reason}", LONGEST)
    scores = [
        f"{name} {value:.4f}"
        for name, value in (("valid loss", outcome.valid_loss), ("RMSE", outcome.rmse), ("accuracy", outcome.accuracy))
        if value is not None
    ]
    seconds = "" if record.fit_seconds is None else f", {duration(record.fit_seconds)}"
    return f"{what}: {', '.join(scores)}{seconds}"


def duration(seconds: float) -> str:
    """A time in the unit that makes it short.

    >>> duration(0.0134), duration(2.345), duration(95), duration(7384)
    ('13 ms', '2.3 s', '1 min 35 s', '2 h 3 min')
    """
    if seconds < 1:
        return f"{1000 * seconds:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
