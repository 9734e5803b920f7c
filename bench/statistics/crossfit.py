"""Options chosen for each fit on the other fits' valid scores, so that a lucky training does not choose what it is scored with.

Options that are chosen on the mean over all trainings are chosen by the lucky seeds among them, and these are then scored: the
score is too good, the more options and the fewer seeds the more. So each fit's options are those with the best mean valid score
over the fits that share nothing random with it (cross-fitting: Chernozhukov et al. 2018, Double/Debiased Machine Learning;
choosing inside a resampling loop: Varma and Simon 2006, Bias in Error Estimation When Using Cross-validation for Model
Selection).

What shares nothing random with a fit:
- where each split has seeds of its own: the fits of other splits;
- where splits share seeds: the fits of other splits with other seeds;
- in one split: the fits with other seeds, as the claim is about that split;
- where splits share one single seed: the fits of other splits, as the claim is about that seed.
With a single fit there is no other, and it chooses for itself.

Another study might choose otherwise. In one split nothing else shows it: every fit there has the same valid ratings, and two
options that are equal on them may differ on test. So the choice is a source of uncertainty of its own: how much the mean test
score moves with the options that resampled fits choose (Efron 2014, Estimation and Accuracy After Model Selection).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.statistics.crossed import design_of
from bench.statistics.pigeonhole import pigeonhole_weights
from cfce.errors import UserError

N_DRAWS = 200


@dataclass(frozen=True, eq=False)
class CrossFit:
    """For each of n fits the option that the others chose for it."""

    chosen: NDArray[np.intp]
    """(n,): row of the options."""
    scores: NDArray[np.float64]
    """(n,): the score of each fit at its chosen option; NaN where that fit was lost."""
    overall: int
    """The option that all fits together choose: the one to take."""
    optimism: float
    """How much better the fits look when all of them choose together and are scored with it."""
    candidates: tuple[int, ...]
    """The options that were chosen from."""
    left_out: tuple[int, ...]
    """Options that lost more fits than others: one that diverges now and then is not chosen for its luck."""
    shares: NDArray[np.float64]
    """(options,): how often each would be chosen by resampled fits."""
    variance: float
    """What choosing adds to the variance of the mean score."""


def cross_fit(
    valid: NDArray[np.floating],
    test: NDArray[np.floating],
    splits: NDArray[np.integer],
    seeds: NDArray[np.integer] | None,
    rng: np.random.Generator,
    higher_is_better: bool = False,
) -> CrossFit:
    """Each fit's options, chosen on the other fits' valid scores (options, n), and its test score with them, of (options, n).

    ``splits`` and ``seeds`` (n,) are those of the fits; seeds None where there are none. A lost fit is NaN.
    Raises ``UserError`` where no option has a score.

    >>> valid = np.array([[0.1, 1.0, 1.0], [0.5, 0.5, 0.5]])  # the first fit was lucky with the first option
    >>> found = cross_fit(valid, valid, np.arange(3), None, np.random.default_rng(0))
    >>> found.chosen.tolist(), found.scores.tolist()  # others do not know of its luck
    ([1, 1, 1], [0.5, 0.5, 0.5])
    """
    if valid.shape != test.shape or valid.shape[1:] != np.shape(splits):
        raise UserError(f"valid {valid.shape} and test {test.shape} scores came for {len(splits)} fits; they are (options, fits)")
    there = np.isfinite(valid) & np.isfinite(test)
    counts = there.sum(axis=1)
    if not counts.any():
        raise UserError("no option has a finished fit with a score; look at the failed and diverged trials")
    kept = counts == counts.max()
    gains = np.where(there & kept[:, None], valid if higher_is_better else -valid, 0.0)
    others = independent(splits, seeds)  # (n, n): row: what chooses for a fit
    with np.errstate(invalid="ignore"):
        means = (gains @ others.T) / ((there & kept[:, None]) @ others.T)  # (options, n)
    overall = int(np.where(kept, gains.sum(axis=1), -np.inf).argmax())
    known = np.isfinite(means)
    chosen = np.where(known.any(axis=0), np.where(known, means, -np.inf).argmax(axis=0), overall)
    scores = np.where(there, test, np.nan)[chosen, np.arange(len(splits))]
    sign = 1.0 if higher_is_better else -1.0
    optimism = sign * (_mean(test[overall][there[overall]]) - _mean(scores))
    shares, variance = _uncertainty(
        gains, test, there & kept[:, None], pigeonhole_weights(design_of(splits, seeds), N_DRAWS, rng)
    )
    options = range(len(valid))
    return CrossFit(
        chosen=chosen,
        scores=scores,
        overall=overall,
        optimism=optimism,
        candidates=tuple(one for one in options if kept[one]),
        left_out=tuple(one for one in options if not kept[one]),
        shares=shares,
        variance=variance,
    )


def _uncertainty(
    gains: NDArray[np.float64], test: NDArray[np.floating], there: NDArray[np.bool_], weights: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float]:
    """How often each option is chosen under weights (draws, n), (options,); and the variance of the mean score from that.

    Draws that hold no finished fit choose nothing and do not count.
    """
    with np.errstate(invalid="ignore"):
        drawn = (weights @ gains.T) / (weights @ there.T)  # (draws, options)
        means = np.where(there, test, 0.0).sum(axis=1) / there.sum(axis=1)
    drawn = drawn[np.isfinite(drawn).any(axis=1)]
    best = np.where(np.isfinite(drawn), drawn, -np.inf).argmax(axis=1)
    shares = np.bincount(best, minlength=len(gains)) / max(len(drawn), 1)
    means = np.where(np.isfinite(means), means, 0.0)
    return shares, float(shares @ np.square(means - shares @ means))


def independent(splits: NDArray[np.integer], seeds: NDArray[np.integer] | None = None) -> NDArray[np.float64]:
    """Which fits share nothing random with each fit, (n, n) of 0 and 1; where there is none, the next best.

    >>> independent(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])).tolist()[0]  # crossed: another split with another seed
    [0.0, 0.0, 0.0, 1.0]
    """
    other_split = splits[:, None] != np.asarray(splits)
    other_seed = ~np.eye(len(splits), dtype=bool) if seeds is None else np.asarray(seeds)[:, None] != np.asarray(seeds)
    found = other_split & other_seed
    for fallback in (other_split, other_seed, np.ones_like(found)):
        lonely = ~found.any(axis=1)
        found[lonely] = fallback[lonely]
    return np.asarray(found, dtype=np.float64)


def _mean(values: NDArray[np.floating]) -> float:
    finite = values[np.isfinite(values)]
    return float(finite.mean()) if finite.size else float("nan")
