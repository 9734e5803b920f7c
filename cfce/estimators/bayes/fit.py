"""Fitting the Bayesian models to a fold: chains, their averaged probabilities, and what they cost."""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from cfce.engines.memory import peak_resident_mb
from cfce.estimators.bayes.chain import Chain
from cfce.estimators.bayes.convergence import split_r_hat
from cfce.estimators.bayes.directions import Directions
from cfce.estimators.bayes.gaussian import Gaussian
from cfce.estimators.bayes.layout import Layout
from cfce.estimators.bayes.moods import Moods
from cfce.estimators.bayes.options import BayesOptions
from cfce.estimators.bayes.ordinal import Ordinal
from cfce.estimators.bayes.repeats import REPEATS_EVERY, Repeats
from cfce.estimators.bayes.threads import sharing
from cfce.splits import Fold

Progress = Callable[[int, int], None]
"""Called with the sweeps done and the sweeps in all, over all chains."""


@dataclass(frozen=True, eq=False)
class BayesFit:
    """What a fit gives: probabilities, the trace of the chains, and the cost."""

    probabilities: dict[str, NDArray[np.float32]]
    """For each held-out part, (N, K): the mean over the sweeps after burn-in of all chains."""
    log_likelihood: NDArray[np.float64]
    """Of train at each sweep, (chains, iterations); under the Gaussian likelihood a log-density, up to a constant."""
    r_hat: float
    """Potential scale reduction of the log-likelihood after burn-in; NaN for one chain."""
    seconds: float
    """From the ratings to the probabilities."""
    peak_memory_mb: float
    """Peak resident memory of the process so far."""
    n_parameters: int
    """Numbers in one draw: factors, biases, cut points and scales."""


def fit_bayes(fold: Fold, options: BayesOptions, rng: np.random.Generator, progress: Progress | None = None) -> BayesFit:
    """Fit to train by Gibbs sampling and predict the held-out parts; the implicit matrix holds pairs of train alone.

    The same generator state gives the same bits, whatever ``options.threads``. Users and items that train lacks are predicted
    from draws of their priors.
    """
    begin = perf_counter()
    layout = Layout.of(fold.train, fold.ratings.n_users, fold.ratings.n_items)
    rows = {part: layout.rows_of(fold.part(part)) for part in fold.held_out}
    n_levels = fold.scale.n_levels
    sums = {part: np.zeros((n_levels, len(user)), dtype=np.float32) for part, (user, _) in rows.items()}
    trace = np.empty((options.chains, options.iterations))
    directions = Directions.of(layout, options.implicit_rank, rng)
    n_parameters, third = 0, options.burn_in // 3
    with sharing(options.threads) as share:
        for number, chain_rng in enumerate(rng.spawn(options.chains)):
            likelihood = _likelihood(layout, fold, options)
            moods = Moods(layout, fold) if options.time else None
            repeats = _repeats(layout, fold) if options.repeats else None
            chain = Chain(layout, likelihood, directions, options.n_factors, chain_rng, moods, repeats)
            for sweep in range(options.iterations):
                trace[number, sweep] = chain.sweep(sweep, share)
                if options.implicit_rank and options.implicit_features and third <= sweep < 2 * third:
                    chain.gather()
                    if sweep + 1 == 2 * third:
                        chain.learn_directions()
                if sweep >= options.burn_in // 2 and sweep % REPEATS_EVERY == 0:
                    chain.draw_repeats()
                if sweep >= options.burn_in:
                    for part, (user, item) in rows.items():
                        chain.add_probabilities(part, user, item, sums[part], share)
                if progress is not None:
                    progress(number * options.iterations + sweep + 1, options.chains * options.iterations)
            n_parameters = _n_parameters(layout, options, n_levels)
    return BayesFit(
        probabilities={part: np.ascontiguousarray((total / total.sum(axis=0)).T) for part, total in sums.items()},
        log_likelihood=trace,
        r_hat=split_r_hat(trace[:, options.burn_in :]) if options.chains > 1 else float("nan"),
        seconds=perf_counter() - begin,
        peak_memory_mb=peak_resident_mb(),
        n_parameters=n_parameters,
    )


def _repeats(layout: Layout, fold: Fold) -> Repeats | None:
    """What ratings of one pair share, where train has pairs to learn it from."""
    repeats = Repeats(layout, fold) if fold.ratings.n_repeated_pairs else None
    return repeats if repeats is not None and repeats.learnable else None


def _likelihood(layout: Layout, fold: Fold, options: BayesOptions) -> Ordinal | Gaussian:
    edges = fold.scale.midpoints
    if options.likelihood == "gaussian":
        return Gaussian(layout, edges, np.asarray(fold.scale.values), options)
    return Ordinal(layout, edges, options)


def _n_parameters(layout: Layout, options: BayesOptions, n_levels: int) -> int:
    rows = (layout.n_users + layout.n_items) * (options.n_factors + 1)
    of_users = layout.n_users if options.user_thresholds else 1
    cuts = of_users * (n_levels - 1 if options.likelihood == "ordinal" else 1)
    return rows + cuts + (layout.n_items if options.item_scales else 0)
