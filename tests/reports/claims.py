"""The claims of ``reports/README.md``, computed anew from the committed rows: a sentence each, as the page must say it."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import beta

from cfce.objectives import OBJECTIVES
from cfce.scale import RatingScale
from cfce.seeds import stream

REPORTS = Path(__file__).parents[2] / "reports"
TRAPPED = 1.33
"""An NLL above this is far outside what trainings of the same variant reach at 0.03: there the highest of 200 is lower."""


@cache
def rows(study):
    return pd.read_csv(REPORTS / study / "results.csv")


@cache
def verdicts(study):
    return pd.read_csv(REPORTS / study / "verdicts.csv")


def difference(study, metric, a, b, verdict):
    """By how much a differs from b, where the stored verdict of a is as the sentence takes it."""
    table = verdicts(study)
    found = table[(table.metric == metric) & table.a.isin([a, b]) & table.b.isin([a, b])]
    assert len(found) == 1, (metric, a, b)
    row = found.iloc[0]
    turned = {"better": "worse", "worse": "better"}
    said = row.verdict if row.a == a else turned.get(row.verdict, row.verdict)
    assert said == verdict, (metric, a, b, said)
    sign = 1 if row.difference >= 0 else -1
    ends = sorted((sign * row.low, sign * row.high))
    return f"{abs(row.difference):.4f} (95 % interval {ends[0]:.4f} to {ends[1]:.4f}, n = {row.n} splits)"


def at(study, variant, rate, **more):
    table = rows(study)
    chosen = (table.variant == variant) & np.isclose(table.learning_rate, rate)
    for name, value in more.items():
        chosen &= table[name] == value
    return table[chosen]


def spread(values, digits=4):
    return f"{values.mean():.{digits}f} ± {values.std(ddof=1):.{digits}f} (n = {len(values)})"


def share_of_seeds(k, n):
    """k of n with Clopper and Pearson's exact interval."""
    low = beta.ppf(0.025, k, n - k + 1) if k else 0.0
    high = beta.ppf(0.975, k + 1, n - k) if k < n else 1.0
    return f"{k} of {n} seeds (95 % interval {100 * low:.0f} % to {100 * high:.0f} %)"


def trapped(variant, rate):
    """Trainings whose NLL is above ``TRAPPED``, by seed: 10 splits each."""
    table = at("ml-100k", variant, rate)
    return (table.test_nll > TRAPPED).groupby(table.seed).sum()


def first_weights(seed):
    """The five weights from which the head of every classifier of this seed starts."""
    head = OBJECTIVES["cross-entropy"].initial_head(RatingScale((1, 2, 3, 4, 5)), stream(seed, "head"))
    return head["linear.weight"].ravel()


def more_accurate(sampler):
    """In how many seeds ce is more accurate at 0.1 than at 0.005."""
    low, high = (at("blog", "ce", rate, sampler=sampler).set_index("seed").valid_accuracy for rate in (5e-3, 0.1))
    gained = high - low
    return f"{(gained > 0).sum()} of {len(gained)} seeds", spread(gained)


def place(value, values):
    below, n = int((values < value).sum()), len(values)
    return f"above all {n}" if below == n else f"below all {n}" if below == 0 else f"above {below} of {n}"


def fit_seconds(variant):
    table = rows("ml-100k")
    seconds = table[table.variant == variant].fit_seconds
    low, middle, high = seconds.quantile([0.25, 0.5, 0.75])
    return f"{middle:.2f} s (quartiles {low:.2f} s and {high:.2f} s, n = {len(seconds)})"


def claims():
    """Every sentence of the page that holds a measured number."""
    ml, ens = "ml-100k", ", seed ensemble"

    def d(metric, a, b, verdict="better"):
        return difference(ml, metric, a, b, verdict)

    def e(metric, a, b, verdict="better"):
        return difference(ml, metric, a + ens, b + ens, verdict)

    trials = rows(ml)
    yield f"10 splits × 10 seeds: {(trials.epochs == 5).sum():,} trainings"

    # one training
    yield (
        f"In normalized RMSE regression is better than `ce` by {d('normalized_rmse', 'regression', 'ce')} "
        f"and than `ce-sigmoid` by {d('normalized_rmse', 'regression', 'ce-sigmoid')}."
    )
    yield (
        f"In NLL regression is better than `ce` by {d('nll', 'regression', 'ce')} "
        f"and than `ce-sigmoid` by {d('nll', 'regression', 'ce-sigmoid')}."
    )
    yield f"In accuracy, with the regression rounded as is usual, `ce` is better by {d('accuracy', 'ce', 'regression')}."
    yield (
        f"With the most probable rating read from both, they differ in accuracy by "
        f"{d('mode_accuracy', 'regression', 'ce', 'undecided')}, which decides nothing."
    )

    # ensembles
    yield (
        f"In NLL `ce` is then better than regression by {e('nll', 'ce', 'regression')}, "
        f"in RPS by {e('rps', 'ce', 'regression')} and in rounded accuracy by {e('accuracy', 'ce', 'regression')}."
    )
    yield f"Regression stays ahead in normalized RMSE alone, by {e('normalized_rmse', 'regression', 'ce')}."

    # baselines and cost
    yield f"Regression is better than `bias` in normalized RMSE by {d('normalized_rmse', 'regression', 'bias')}."
    yield f"In rounded accuracy regression and `bias` differ by {d('accuracy', 'regression', 'bias', 'undecided')}: undecided."
    yield (
        f"A fit of 5 epochs took {fit_seconds('regression')} for regression, {fit_seconds('ce')} for `ce` and "
        f"{fit_seconds('ce-sigmoid')} for `ce-sigmoid`"
    )

    # the lottery
    regression, ce = (at(ml, variant, 5e-3).test_nll for variant in ("regression", "ce"))
    yield (
        f"At 0.005 the NLL of `ce` is {spread(ce)}, from {ce.min():.4f} to {ce.max():.4f}; "
        f"that of regression is {spread(regression)}."
    )
    by_seed = trapped("ce", 5e-3)
    caught = by_seed[by_seed > 0]
    told = " and ".join(f"{count} of the 10 splits of seed {seed}" for seed, count in caught.items())
    yield (
        f"{by_seed.sum()} of the {len(ce)} are above {TRAPPED}: {told}, and none of another seed; "
        f"so {share_of_seeds(len(caught), len(by_seed))}."
    )
    weights = first_weights(3)
    begin = ", ".join(f"{one:+.2f}" for one in weights)
    yield f"The weights of seed 3's `Linear(1, 5)` begin at {begin}: every sign differs from the next."
    assert (np.sign(weights[1:]) == -np.sign(weights[:-1])).all()
    order = {seed: np.corrcoef(first_weights(seed), range(5))[0, 1] for seed in range(10)}
    best = at(ml, "ce", 5e-3).groupby("seed").test_nll.mean().nsmallest(2)
    assert set(best.index) == set(sorted(order, key=lambda seed: -abs(order[seed]))[:2])
    told = " and ".join(f"{seed} (correlation {order[seed]:+.2f}, mean NLL {value:.4f}, n = 10)" for seed, value in best.items())
    yield f"The two seeds whose first weights rise or fall most steadily with the rating are the two best: {told}."
    sigmoid = trapped("ce-sigmoid", 5e-3)
    yield (
        f"`ce-sigmoid` at 0.005 has {sigmoid.sum()} of {len(ce)} above {TRAPPED}, "
        f"in {share_of_seeds(int((sigmoid > 0).sum()), len(sigmoid))}."
    )
    ce, sigmoid = (at(ml, variant, 0.03).test_nll for variant in ("ce", "ce-sigmoid"))
    assert max(ce.max(), sigmoid.max()) < TRAPPED
    yield (
        f"At 0.03 no training of either is above {TRAPPED}: `ce` has {spread(ce)} and at most {ce.max():.4f}, "
        f"`ce-sigmoid` {spread(sigmoid)} and at most {sigmoid.max():.4f}."
    )

    # the sampler
    def s(variant):
        return difference("blog", "normalized_rmse", f"{variant} (bootstrap)", f"{variant} (permutation)", "worse")

    yield (
        f"In normalized RMSE on valid it makes regression worse by {s('regression')}, `ce` by {s('ce')} "
        f"and `ce-sigmoid` by {s('ce-sigmoid')}."
    )
    mse = {sampler: at("blog", "regression", 5e-3, sampler=sampler).valid_loss for sampler in ("permutation", "bootstrap")}
    yield (
        f"The valid MSE of regression at 0.005 is {spread(mse['permutation'])} with a permutation "
        f"and {spread(mse['bootstrap'])} with bootstrap."
    )
    book, blog = ([place(value, mse[sampler]) for sampler in ("permutation", "bootstrap")] for value in (0.8231, 0.8416))
    yield (
        f"The book's 0.8231 lies {book[0]} of the first and {book[1]} of the second; "
        f"the blog's 0.8416 lies {blog[0]} and {blog[1]}."
    )
    boot, perm = more_accurate("bootstrap"), more_accurate("permutation")
    yield (
        f"The blog found `ce` more accurate at 0.1 than at 0.005, by 0.0512. With its sampler that is so in {boot[0]}, "
        f"by {boot[1]} on average; with a permutation in {perm[0]}, by {perm[1]}."
    )
