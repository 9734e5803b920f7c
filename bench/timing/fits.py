"""Seconds an epoch of each case, in rounds that take turns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

from bench.timing.apart import Apart
from bench.timing.cases import Case, is_foreign
from bench.timing.rounds import Round, fit_round, torch_threads, warm_up
from bench.timing.spread import Spread
from cfce.batches import n_batches
from cfce.errors import UserError
from cfce.options import TrainingOptions
from cfce.splits import Fold


@dataclass(frozen=True)
class Budget:
    """How many rounds a case gets: ``rounds``, but none after it has taken ``seconds``, unless it has fewer than ``least``."""

    rounds: int = 5
    seconds: float = 60.0
    least: int = 3

    def __post_init__(self) -> None:
        if self.rounds < 1 or not self.seconds >= 0:
            raise UserError(
                f"--rounds {self.rounds} and --budget {self.seconds:g} came; rounds are a count from 1, a budget seconds from 0"
            )

    def allows(self, done: int, spent: float) -> bool:
        """Whether a case with ``done`` rounds in ``spent`` seconds gets another.

        >>> budget = Budget(rounds=5, seconds=60, least=3)
        >>> budget.allows(2, 500), budget.allows(3, 61), budget.allows(4, 59), budget.allows(5, 0)
        (True, False, True, False)
        """
        return done < self.rounds and (done < self.least or spent < self.seconds)


@dataclass(frozen=True)
class FitTiming:
    """One case, timed: seconds an epoch of one trial (training and validation; neither set-up nor predictions)."""

    case: Case
    seconds: Spread
    ratings: int
    """Ratings that an epoch of one trial trains on."""
    n_parameters: int
    peak_memory_mb: float | None
    """Peak device memory on CUDA; None on the CPU, where a process that times all cases cannot tell them apart."""

    @property
    def ratings_per_second(self) -> float:
        """Ratings trained on a second, by the median round."""
        return self.ratings / self.seconds.median


def time_fits(
    cases: Sequence[Case],
    fold: Fold,
    options: TrainingOptions,
    budget: Budget,
    threads: int,
    log: Callable[[str], None],
    beside: Callable[[], None] = lambda: None,
    apart: Apart | None = None,
) -> list[FitTiming]:
    """Time every case on one fold; ``beside`` is called once a round, to time what the cases are compared with.

    Cases with code of a plug-in are timed by ``apart``, where it is given; those that fail are left out.

    Each case is warmed up first: numba's cache is read, torch's and fastai's imports and first-time set-up are done.
    Rounds take turns over the cases, so that a slow minute of the machine meets all of them.
    A round is one fit of ``options.epochs`` epochs, and in it only what the engine counts as the fit.
    """
    rounds: dict[Case, list[Round]] = {case: [] for case in cases}
    spent = dict.fromkeys(cases, 0.0)
    own = [case for case in cases if apart is None or not is_foreign(case)]
    with torch_threads(threads, any(case.uses_torch for case in own)):
        for case in cases:
            log(f"warm-up of {case.name}")
            if case in own or apart is None:
                warm_up(case, fold, options)
            else:
                apart.warm_up(case)
        while left := [case for case in cases if _goes_on(case, apart) and budget.allows(len(rounds[case]), spent[case])]:
            beside()
            for case in left:
                start = perf_counter()
                found = fit_round(case, fold, options) if case in own or apart is None else apart.round(case)
                spent[case] += perf_counter() - start
                if found is not None:
                    rounds[case].append(found)
                    log(f"{case.name}: round {len(rounds[case])}, {found.seconds:.4g} s an epoch")
    ratings = n_batches(len(fold.train), options.batch_size) * options.batch_size
    return [
        FitTiming(
            case,
            Spread(tuple(one.seconds for one in rounds[case])),
            ratings,
            rounds[case][-1].n_parameters,
            rounds[case][-1].peak_memory_mb if case.device == "cuda" else None,
        )
        for case in cases
        if _goes_on(case, apart)
    ]


def _goes_on(case: Case, apart: Apart | None) -> bool:
    return apart is None or case.name not in apart.failed
