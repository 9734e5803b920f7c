"""The claims of ``reports/README.md``, computed anew from the committed rows: a sentence each, as the page must say it."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import beta

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


def above(study, variant, rate, **more):
    """How many trainings have an NLL above ``TRAPPED``, each with a seed of its own."""
    values = at(study, variant, rate, **more).test_raw_nll
    return share_of_seeds(int((values > TRAPPED).sum()), len(values))


def more_accurate(sampler):
    """In how many seeds ce is more accurate at 0.1 than at 0.005."""
    low, high = (at("blog", "ce", rate, sampler=sampler).set_index("seed").valid_accuracy for rate in (5e-3, 0.1))
    gained = high - low
    return f"{(gained > 0).sum()} of {len(gained)} seeds", spread(gained)


def place(value, values):
    below, n = int((values < value).sum()), len(values)
    return f"above all {n}" if below == n else f"below all {n}" if below == 0 else f"above {below} of {n}"


@cache
def timings(folder):
    """The seconds of an epoch of one trial alone, by engine, device and variant."""
    fits = json.loads((REPORTS / folder / "timing.json").read_text())["fits"]
    return {(fit["engine"], fit["device"], fit["variant"]): fit["seconds_per_epoch"] for fit in fits if fit["stacked"] == 1}


def epoch(variant):
    """Milliseconds of an epoch of the compiled loop: median and quartiles."""
    seconds = timings("ml-100k")["fused", "cpu", variant]
    low, middle, high = (1000 * seconds[name] for name in ("q1", "median", "q3"))
    return f"{middle:.0f} ms (quartiles {low:.0f} and {high:.0f} ms, n = {len(seconds['rounds'])} rounds)"


def faster(folder):
    """How many times as fast as fastai the compiled loop is: the least and the most over variants."""
    seconds = timings(folder)
    ratios = [
        found["median"] / seconds["fused", device, variant]["median"]
        for (engine, device, variant), found in seconds.items()
        if engine == "fastai" and device == "cpu"
    ]
    return min(ratios), max(ratios)


def claims():
    """Every sentence of the page that holds a measured number."""
    ml, ens = "ml-100k", ", seed ensemble"

    def d(metric, a, b, verdict="better"):
        return difference(ml, metric, a, b, verdict)

    def e(metric, a, b, verdict="better"):
        return difference(ml, metric, a + ens, b + ens, verdict)

    trials = rows(ml)
    yield f"10 splits with 10 seeds each: {(trials.epochs == 5).sum():,} trainings"

    # one training
    yield (
        f"In normalized RMSE regression is better than `ce` by {d('normalized_rmse', 'regression', 'ce')} "
        f"and than `ce-sigmoid` by {d('normalized_rmse', 'regression', 'ce-sigmoid')}."
    )
    yield (
        f"In NLL regression is better than `ce` by {d('nll', 'regression', 'ce')} "
        f"and than `ce-sigmoid` by {d('nll', 'regression', 'ce-sigmoid')}."
    )
    yield f"In RPS it is better than `ce` by {d('rps', 'regression', 'ce')}."
    yield f"In accuracy, with the regression rounded as is usual, `ce` is better by {d('accuracy', 'ce', 'regression')}."
    yield (
        f"With the most probable rating read from both, the two differ in accuracy by "
        f"{d('mode_accuracy', 'regression', 'ce', 'undecided')}: undecided."
    )
    yield f"Of the two classifiers `ce` is better in NLL by {d('nll', 'ce', 'ce-sigmoid')}."

    # ensembles
    yield (
        f"In NLL `ce` is then better than regression by {e('nll', 'ce', 'regression')}, "
        f"in RPS by {e('rps', 'ce', 'regression')} and in rounded accuracy by {e('accuracy', 'ce', 'regression')}; "
        f"in accuracy of the mode they differ by {e('mode_accuracy', 'ce', 'regression', 'undecided')}: undecided."
    )
    yield f"Regression stays ahead in normalized RMSE, by {e('normalized_rmse', 'regression', 'ce')}."
    yield (
        f"`ce-sigmoid` does not follow: its ensemble is worse than regression's in normalized RMSE by "
        f"{e('normalized_rmse', 'ce-sigmoid', 'regression', 'worse')} and undecided in NLL, where they differ by "
        f"{e('nll', 'regression', 'ce-sigmoid', 'undecided')}."
    )
    assert set(verdicts(ml).generalises_to[~verdicts(ml).a.str.contains("constant")]) == {"other splits, seeds and users"}

    # baselines and cost
    yield f"Regression is better than `bias` in normalized RMSE by {d('normalized_rmse', 'regression', 'bias')}."
    yield f"In rounded accuracy regression and `bias` differ by {d('accuracy', 'regression', 'bias', 'undecided')}: undecided."
    yield (
        f"An epoch of 80,000 ratings takes {epoch('regression')} for regression, {epoch('ce')} for `ce` and "
        f"{epoch('ce-sigmoid')} for `ce-sigmoid`"
    )
    slow, fast = faster("ml-100k")
    slow_elsewhere, fast_elsewhere = faster("gpu")
    yield (
        f"That is {slow:.0f} to {fast:.0f} times as fast as fastai on the AMD machine of that table, and "
        f"{slow_elsewhere:.0f} to {fast_elsewhere:.0f} times on an Intel machine"
    )

    # the lottery
    regression, ce = (at(ml, variant, 5e-3).test_raw_nll for variant in ("regression", "ce"))
    yield (
        f"At 0.005 the NLL of `ce` is {spread(ce)}, from {ce.min():.4f} to {ce.max():.4f}; "
        f"that of regression is {spread(regression)}."
    )
    yield (
        f"{above(ml, 'ce', 5e-3)} of `ce` end above {TRAPPED} at 0.005 and {above(ml, 'ce-sigmoid', 5e-3)} of `ce-sigmoid`; "
        f"at 0.01 it is {above(ml, 'ce', 1e-2)} and {above(ml, 'ce-sigmoid', 1e-2)}."
    )
    ce, sigmoid = (at(ml, variant, 0.03).test_raw_nll for variant in ("ce", "ce-sigmoid"))
    assert max(ce.max(), sigmoid.max()) < TRAPPED
    yield (
        f"At 0.03 no training of either is above {TRAPPED}: `ce` has {spread(ce)} and at most {ce.max():.4f}, "
        f"`ce-sigmoid` {spread(sigmoid)} and at most {sigmoid.max():.4f}."
    )

    def o(metric, variant, verdict="worse"):
        return difference("lottery", metric, f"{variant} (random)", f"{variant} (ordered)", verdict)

    yield (
        f"With random weights `ce` is worse at 0.005 than with ordered ones by {o('nll', 'ce')} in NLL and by "
        f"{o('normalized_rmse', 'ce')} in normalized RMSE; `ce-sigmoid` by {o('nll', 'ce-sigmoid')} and by "
        f"{o('normalized_rmse', 'ce-sigmoid')}."
    )
    for variant in ("ce", "ce-sigmoid"):
        assert not (at("lottery", variant, 5e-3, head_init="ordered").test_raw_nll > TRAPPED).any()
    yield (
        f"Of the trainings from ordered weights none of 100 ends above {TRAPPED}: `ce` has "
        f"{spread(at('lottery', 'ce', 5e-3, head_init='ordered').test_raw_nll)}."
    )

    # every family tuned alike
    def t(metric, a, b, verdict="better"):
        return difference("families", metric, a, b, verdict)

    yield f"`ce` is ahead of regression in NLL by {difference('tuned-ml-100k', 'nll', 'ce', 'regression', 'better')}"
    yield f"`ordrec` is better than regression in NLL by {t('nll', 'ordrec', 'regression')}."
    yield (
        f"Structure: implicit feedback makes `ordrec` better by {t('nll', 'ordrec-implicit', 'ordrec')} in NLL and by "
        f"{t('normalized_rmse', 'ordrec-implicit', 'ordrec')} in normalized RMSE, `ce` by {t('nll', 'ce-implicit', 'ce')} and by "
        f"{t('normalized_rmse', 'ce-implicit', 'ce')}."
    )
    yield (
        f"Averaging over a posterior: `bayes-ordinal`, which has both, is better than `ordrec-implicit` by "
        f"{t('nll', 'bayes-ordinal', 'ordrec-implicit')} in NLL, and than regression by "
        f"{t('nll', 'bayes-ordinal', 'regression')} in NLL and by "
        f"{t('normalized_rmse', 'bayes-ordinal', 'regression')} in normalized RMSE."
    )
    yield (
        f"The book's two layers learn classes better than numbers: `collab-nn-ce` is better than `collab-nn` in NLL by "
        f"{t('nll', 'collab-nn-ce', 'collab-nn')}."
    )

    # the sampler
    def s(variant, verdict="worse"):
        return difference("blog", "normalized_rmse", f"{variant} (bootstrap)", f"{variant} (permutation)", verdict)

    yield (
        f"In normalized RMSE on valid it makes regression worse by {s('regression')} and `ce-sigmoid` by {s('ce-sigmoid')}; "
        f"for `ce` a difference of {s('ce', 'undecided')} is undecided, as another study might choose the other rate."
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
