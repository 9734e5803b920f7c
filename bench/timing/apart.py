"""Plug-in code timed in a process of its own: a case that raises, exits, crashes or hangs there is one failed row."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

from bench.harness.child import LOADING, Child, ChildFailed
from bench.timing.cases import Case
from bench.timing.latency import LatencyTiming, time_latency
from bench.timing.rounds import Round, fit_round, torch_threads, warm_up
from cfce.datasets.stored import open_ratings, save_ratings
from cfce.engines import ENGINES
from cfce.errors import UserError
from cfce.options import TrainingOptions
from cfce.splits import Fold, split_ratings


@dataclass(frozen=True)
class Request:
    """A case to fit once, unless its engine is to be loaded alone, or its predictions are to be timed."""

    case: Case
    only_load: bool = False
    predictions: tuple[int, Sequence[int]] | None = None
    """Rounds, and ratings predicted in one call."""


class Apart:
    """Times cases one at a time in a child, and in another child after one that failed.

    ``prepare`` registers the parts; ``patience`` is the seconds that a fit of one trial may take. A context manager: at its
    end no process is left.
    """

    def __init__(
        self,
        fold: Fold,
        options: TrainingOptions,
        threads: int,
        prepare: Callable[[], None],
        patience: float,
        log: Callable[[str], None],
    ) -> None:
        self.failed: dict[str, str] = {}
        """What could not be timed, by its name, and why."""
        self._asks = (fold, options, threads)
        self._prepare = prepare
        self._patience = patience
        self._log = log
        self._child: Child | None = None
        self._folder = TemporaryDirectory(prefix="cfce-")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._child is not None:
            self._child.end()
        self._folder.cleanup()

    def warm_up(self, case: Case) -> None:
        """Load the engine of a case and fit it once; what that takes is nobody's time."""
        self._ask(case.name, Request(case, only_load=True), LOADING)
        if case.name not in self.failed:
            self.round(case)

    def round(self, case: Case) -> Round | None:
        """Fit a case once, after a warm-up where the process is new; None where that fails."""
        found: Round | None = self._ask(case.name, Request(case), self._patience * case.trials)
        return found

    def latencies(self, model: Case, rounds: int, batches: Sequence[int]) -> list[LatencyTiming]:
        """Time the predictions of a model; none where that fails."""
        return self._ask(f"prediction-{model.name}", Request(model, predictions=(rounds, batches)), self._patience) or []

    def _ask(self, name: str, request: Request, patience: float) -> Any:
        try:
            if self._child is None:
                self._child = self._start()
            return self._child.ask(request, patience)
        except (ChildFailed, UserError, OSError) as error:
            self.failed[name] = str(error)
            self._log(f"{name} cannot be timed: {error}")
            if self._child is not None:
                self._child.end()
                self._child = None
            return None

    def _start(self) -> Child:
        fold, options, threads = self._asks
        ratings = Path(self._folder.name) / "ratings"
        if not ratings.exists():
            save_ratings(fold.ratings, ratings)
        arguments = (ratings, fold.protocol, fold.split, options, threads)
        return Child(answers, arguments, self._prepare, asked=True, aside=False)


def answers(
    ratings: Path, protocol: str, split: int, options: TrainingOptions, threads: int, requests: Iterator[Request]
) -> Iterator[Round | list[LatencyTiming] | None]:
    """The answer to each request; a case is warmed up before its first fit is timed."""
    fold = split_ratings(open_ratings(ratings), protocol, split)
    warm = set()
    for request in requests:
        case = request.case
        with torch_threads(threads, case.engine != "fused"):
            if request.predictions is not None:
                rounds, batches = request.predictions
                yield time_latency([case], fold, options, rounds, threads, batches)
                continue
            ENGINES[case.engine].load()
            if request.only_load:
                yield None
                continue
            if case not in warm:
                warm_up(case, fold, options)
                warm.add(case)
            yield fit_round(case, fold, options)
