"""Who gains: the difference between two configurations by groups of ratings, with intervals from resampled users."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from bench.comparison.alike import alike
from bench.comparison.choice import choose
from bench.comparison.configurations import Configuration
from bench.comparison.declared import Declared
from bench.comparison.pairs import Pair, pair_up
from bench.comparison.rows import Rows
from bench.comparison.scores import StudyScores
from bench.comparison.user_bootstrap import draw_weights
from bench.statistics.temperature import at_temperature
from bench.study.record import Record
from cfce.errors import UserError
from cfce.metrics import METRICS, Metric, with_distribution
from cfce.predictions import Prediction
from cfce.seeds import stream

TENTHS = 10
"""Groups at most; the ratings of a scale are groups of their own unless it has more."""
N_REPLICATES = 1_000
MOST_AT_ONCE = 4_000_000
"""Weights of users that are held at once."""
ORDER = ("ordinal", "classification", "regression")
OBSERVED = "observed rating"
TIME = "time of the rating"
"""The grouping of data with timestamps alone."""


@dataclass(frozen=True)
class Group:
    """The difference of mean losses, a minus b, over some ratings."""

    label: str
    low_value: float
    """The least and greatest value of what the ratings were grouped by."""
    high_value: float
    n: int
    """Held-out ratings, each counted once a split."""
    n_users: int
    difference: float
    low: float
    """Ends of the 95 % interval for other users, at these trainings; NaN for ratings of one user, which tell of no other."""
    high: float

    @property
    def has_interval(self) -> bool:
        """Whether it has ratings of more than one user."""
        return self.n_users > 1


@dataclass(frozen=True)
class Example:
    """A held-out rating that two configurations judge differently: means over the trainings of its split."""

    user: str
    item: str
    observed: str
    predicted_a: float
    predicted_b: float
    loss_a: float
    loss_b: float


@dataclass(frozen=True)
class Gains:
    """Where one configuration is better than another."""

    a: str
    b: str
    metric: str
    groups: Mapping[str, tuple[Group, ...]]
    """What the ratings are grouped by to the groups, in increasing order."""
    examples: tuple[Example, ...]
    """Those that a judges most better, then those that b does."""

    @property
    def n_groups(self) -> int:
        """Of all ways of grouping."""
        return sum(map(len, self.groups.values()))

    @property
    def n_intervals(self) -> int:
        """The groups of more than one user."""
        return sum(group.has_interval for groups in self.groups.values() for group in groups)


def pair_of(scores: StudyScores, declared: Declared) -> tuple[str, str, str] | None:
    """The pair and score to look at: the first primary comparison; else the best of two families by NLL on valid.

    An ordinal one comes before a classifier and this before a regression. Of the pairs that could be, those of one engine,
    device, sampler and options come before any others. None where there are no two families.
    """
    if declared.primary:
        first = declared.primary[0]
        return first.a, first.b, first.metric
    among = scores.configurations.values()
    by_family = {family: _from_the_best(scores, family) for family in ORDER}
    families = [family for family in ORDER if by_family[family]]
    if len(families) < 2:
        return None
    pairs = list(product(by_family[families[0]], by_family[families[-1]]))
    a, b = next((pair for pair in pairs if alike(*pair, among)), pairs[0])
    return a.name, b.name, "nll"


def _from_the_best(scores: StudyScores, family: str) -> list[Configuration]:
    """The configurations of a family that have an NLL on valid, the best first."""
    found = []
    for configuration in scores.configurations.values():
        if configuration.family != family:
            continue
        try:
            score = choose(scores, configuration, METRICS["nll"]).valid_score
        except UserError:  # without a finished trial, or without predictions of valid
            continue
        if np.isfinite(score):
            found.append((score, configuration.name, configuration))
    return [configuration for *_, configuration in sorted(found, key=lambda one: one[:2])]


def gains_of(scores: StudyScores, a: str, b: str, name: str, n_examples: int = 3) -> Gains | None:
    """The gains of a over b on a score that is a mean loss.

    None for one that is not, for a pair without common fits, and where one of these keeps no predictions.
    """
    metric = METRICS[name]
    if metric.loss is None or a not in scores.configurations or b not in scores.configurations:
        return None
    of_a, of_b = scores.configurations[a], scores.configurations[b]
    found = pair_up(choose(scores, of_a, metric), choose(scores, of_b, metric), of_a, of_b)
    records = {record.trial_id: record for record in (*of_a.records, *of_b.records)}
    kept = [pair for pair in found if not pair.lost]
    used = [records[trial_id] for pair in kept for side in (pair.a, pair.b) for trial_id in side.trials]
    if not all(record.keeps_predictions for record in used) or not used:
        return None
    by_split: dict[int, list[Pair]] = {}
    for pair in kept:
        by_split.setdefault(pair.split, []).append(pair)
    splits = [_split(scores, metric, pairs, records) for pairs in by_split.values()]
    users, items, level, difference = (np.concatenate([getattr(one, name) for one in splits]) for name in _Split.FIELDS)
    user_codes, item_codes = (np.unique(column.astype(str), return_inverse=True)[1] for column in (users, items))
    activity, popularity = (np.bincount(codes)[codes].astype(np.float64) for codes in (user_codes, item_codes))
    ratings = scores.study.scale.array[level]
    by_rating = level.astype(np.intp) if scores.study.scale.n_levels <= TENTHS else _tenths(ratings)
    weights = _Weights(int(user_codes.max()) + 1)
    groups = {
        "user's activity": _groups(_tenths(activity), activity, user_codes, difference, weights),
        "item's popularity": _groups(_tenths(popularity), popularity, user_codes, difference, weights),
    }
    times = [one.time for one in splits if one.time is not None]
    if len(times) == len(splits):
        time = np.concatenate(times).astype(np.float64)
        groups[TIME] = _groups(_tenths(time), time, user_codes, difference, weights, _day)
    groups[OBSERVED] = _groups(by_rating, ratings, user_codes, difference, weights)
    return Gains(a, b, name, groups, _examples(scores, metric, splits, n_examples))


@dataclass(frozen=True, eq=False)
class _Split:
    """The evaluation part of a split: ids and levels, and means over pairs of losses and predictions, (n,) each."""

    FIELDS = ("users", "items", "level", "difference")

    users: NDArray[np.object_]
    items: NDArray[np.object_]
    level: NDArray[np.uint8]
    losses: tuple[NDArray[np.float64], NDArray[np.float64]]
    means: tuple[NDArray[np.float64], NDArray[np.float64]]
    time: NDArray[np.int64] | None
    """When the ratings were given, in seconds since 1970; None where that is not known."""

    @property
    def difference(self) -> NDArray[np.float64]:
        """Loss of a minus that of b."""
        return self.losses[0] - self.losses[1]


def _split(scores: StudyScores, metric: Metric, pairs: Sequence[Pair], records: Mapping[str, Record]) -> _Split:
    rows: Rows | None = None
    sides = []
    for side in ("a", "b"):
        ids = [one for pair in pairs for one in getattr(pair, side).trials]
        losses, means = [], []
        for trial_id in ids:
            held = scores.study.predictions(records[trial_id])[scores.study.evaluation_part]
            rows = rows or Rows.of(held)
            order = rows.order_of(held)
            prediction = _fitted(scores, trial_id, held.prediction, metric)
            assert metric.loss is not None
            loss, mean = np.asarray(metric.loss(prediction, held.level), np.float64), prediction.decode("mean")
            losses.append(loss if order is None else loss[order])
            means.append(mean if order is None else mean[order])
        sides.append((np.mean(losses, axis=0), np.mean(means, axis=0)))
    assert rows is not None
    (loss_a, mean_a), (loss_b, mean_b) = sides
    return _Split(rows.user, rows.item, rows.level, (loss_a, loss_b), (mean_a, mean_b), rows.time)


def _fitted(scores: StudyScores, trial_id: str, prediction: Prediction, metric: Metric) -> Prediction:
    """The prediction that the score judges: with the sigma of points, and at the temperature where the score takes it."""
    if trial_id in scores.sigmas:
        return with_distribution(prediction, scores.sigmas[trial_id])
    if metric.calibrated and prediction.probabilities is not None and trial_id in scores.temperatures:
        mass = at_temperature(prediction.probabilities, scores.temperatures[trial_id]).astype(np.float32)
        return Prediction(prediction.scale, prediction.points, mass, prediction.derived)
    return prediction


def _tenths(values: NDArray[np.float64]) -> NDArray[np.intp]:
    """The tenth of each value, so that ratings fall into groups of about equal size; equal values stay together.

    >>> _tenths(np.array([1.0, 1.0, 5.0])).tolist()
    [0, 0, 1]
    """
    cuts = np.unique(np.quantile(values, np.arange(1, TENTHS) / TENTHS))
    return np.asarray(np.unique(np.searchsorted(cuts, values, side="left"), return_inverse=True)[1], dtype=np.intp)


def _day(seconds: float) -> str:
    """The day of a time in UTC.

    >>> _day(874724710.0)
    '1997-09-20'
    """
    return str(np.datetime64(int(seconds), "s").astype("datetime64[D]"))


class _Weights:
    """How often each user is drawn, in pieces of replicates, the same at every pass."""

    def __init__(self, n_users: int) -> None:
        self.n_users = n_users
        self.step = max(1, MOST_AT_ONCE // n_users)

    def means(self, sums: NDArray[np.float64], counts: NDArray[np.float64]) -> NDArray[np.float64]:
        """Mean losses of G groups under each replicate, (R, G), from users' sums and counts (users, G); NaN for none."""
        rng = stream(0, "users")
        found = []
        for start in range(0, N_REPLICATES, self.step):
            drawn = draw_weights(self.n_users, min(self.step, N_REPLICATES - start), rng).astype(np.float64)
            total = drawn @ counts
            found.append(np.divide(drawn @ sums, total, out=np.full(total.shape, np.nan), where=total > 0))
        return np.concatenate(found)


def _groups(
    group: NDArray[np.intp],
    values: NDArray[np.float64],
    users: NDArray[np.intp],
    difference: NDArray[np.float64],
    weights: _Weights,
    shown: Callable[[float], str] = "{:g}".format,
) -> tuple[Group, ...]:
    k, n_users = int(group.max()) + 1, weights.n_users
    cell = users * k + group
    counts = np.bincount(cell, minlength=n_users * k).reshape(n_users, k).astype(np.float64)
    sums = np.bincount(cell, weights=difference, minlength=n_users * k).reshape(n_users, k).astype(np.float64)
    replicates = weights.means(sums, counts)
    found = []
    for at in range(k):
        inside = group == at
        if inside.any():
            n_with = int((counts[:, at] > 0).sum())
            low, high = np.nanquantile(replicates[:, at], [0.025, 0.975]) if n_with > 1 else (np.nan, np.nan)
            ends = float(values[inside].min()), float(values[inside].max())
            label = " to ".join(dict.fromkeys(shown(end) for end in ends))
            mean = float(sums[:, at].sum() / counts[:, at].sum())
            found.append(Group(label, *ends, int(inside.sum()), n_with, mean, float(low), float(high)))
    return tuple(found)


def _examples(scores: StudyScores, metric: Metric, splits: Sequence[_Split], n: int) -> tuple[Example, ...]:
    """Of the first split, the ratings with the greatest differences each way: those where a is better, then b."""
    first = splits[0]
    order = np.argsort(-first.difference if metric.higher_is_better else first.difference, kind="stable")
    chosen = [*order[:n], *order[::-1][:n]] if len(order) >= 2 * n else list(order)
    label = scores.study.scale.label
    return tuple(
        Example(
            str(first.users[at]),
            str(first.items[at]),
            label(int(first.level[at])),
            *(float(mean[at]) for mean in first.means),
            *(float(loss[at]) for loss in first.losses),
        )
        for at in chosen
    )
