"""The sentences of the pages on the tuned variants and on the suite, computed anew from the committed rows."""

import importlib.util
from functools import cache
from pathlib import Path

import pandas as pd

spec = importlib.util.spec_from_file_location("claims", Path(__file__).parent / "claims.py")
claims = importlib.util.module_from_spec(spec)
spec.loader.exec_module(claims)

REPORTS = claims.REPORTS
verdicts = claims.verdicts
TUNED = "tuned-ml-100k"
ENSEMBLE = ", seed ensemble"
HIGHER = ("accuracy",)
"""Scores of which the higher is better."""


@cache
def settings():
    return pd.read_csv(REPORTS / TUNED / "settings.csv")


def stored(study, metric, a, b):
    """The row of the verdict on two configurations, whichever way round it is kept."""
    table = verdicts(study)
    found = table[(table.metric == metric) & table.a.isin([a, b]) & table.b.isin([a, b])]
    assert len(found) == 1, (study, metric, a, b)
    return found.iloc[0]


def verdict(study, metric, a, b):
    """The stored verdict of a against b."""
    row = stored(study, metric, a, b)
    turned = {"better": "worse", "worse": "better"}
    return row.verdict if row.a == a else turned.get(row.verdict, row.verdict)


def against(study, metric, a, b):
    """How a stands against b in words, with the difference in size, its interval and n."""
    said = verdict(study, metric, a, b)
    size = claims.difference(study, metric, a, b, said)
    if said in ("better", "worse"):
        return f"{said} by {size}"
    row = stored(study, metric, a, b)
    above = (row.difference > 0) == (row.a == a)
    return f"{said}, {'ahead' if above == (metric in HIGHER) else 'behind'} by {size}"


def score(study, metric, name):
    """The mean score of a configuration on test, over its trainings or ensembles."""
    table = verdicts(study)
    rows = table[table.metric == metric]
    found = [*rows[rows.a == name].score_a, *rows[rows.b == name].score_b]
    return f"{found[0]:.4f}"


SCORES = {"nll": "NLL", "normalized_rmse": "normalized RMSE", "accuracy": "accuracy", "rps": "RPS"}
SEARCHED = (
    "regression",
    "regression-linear",
    "gaussian",
    "ce-sigmoid",
    "ce",
    "softmax",
    "hl-gauss",
    "cumulative-logit",
    "cumulative-probit",
    "ordrec",
    "rps",
    "corn",
    "regression-implicit",
    "ce-implicit",
    "cumulative-logit-implicit",
    "ordrec-implicit",
    "collab-nn",
    "collab-nn-ce",
    "bayes-gaussian",
    "bayes-ordinal",
)


def in_scores(study, a, b, metrics=("nll", "normalized_rmse"), name=None):
    """One sentence: how a stands against b on some scores."""
    told = "; ".join(f"in {SCORES[one]} {against(study, one, a, b)}" for one in metrics)
    return f"{name or f'`{a}` against `{b}`'}: {told}."


def on_valid(variant):
    """The NLL on valid of a variant's defaults and of its chosen setting, means over the splits."""
    tried = settings()[settings().variant == variant]
    return f"`{variant}` {tried[tried.number == 0].score.iloc[0]:.4f} and {tried[tried.chosen].score.iloc[0]:.4f}"


def averaged(variant):
    """The NLL on test of a variant's single trainings and of its seed ensembles."""
    return f"`{variant}` {score(TUNED, 'nll', variant)} and {score(TUNED, 'nll', variant + ENSEMBLE)}"


def of_tuned():
    """The sentences of ``reports/tuned-ml-100k/README.md``."""
    four = ("nll", "normalized_rmse", "accuracy", "rps")
    yield in_scores(TUNED, "ce", "regression", four)
    yield in_scores(TUNED, "ce-sigmoid", "regression", four)
    yield in_scores(TUNED, "cumulative-logit", "regression", four)
    yield in_scores(TUNED, "cumulative-logit", "ce")
    yield in_scores(TUNED, "ordrec", "regression", four)
    yield in_scores(TUNED, "ordrec", "ce")
    for name in ("gaussian", "softmax", "hl-gauss", "corn"):
        yield in_scores(TUNED, name, "regression")
    yield in_scores(TUNED, "ordrec", "cumulative-logit")
    for name in ("regression", "ce", "cumulative-logit", "ordrec"):
        yield in_scores(TUNED, f"{name}-implicit", name)
    for name in ("ce", "cumulative-logit", "ordrec"):
        yield in_scores(TUNED, f"{name}-implicit", "regression-implicit")
    yield in_scores(TUNED, "collab-nn", "regression")
    yield in_scores(TUNED, "collab-nn-ce", "collab-nn", four)
    yield in_scores(TUNED, "collab-nn-ce", "ce")
    yield in_scores(TUNED, "regression", "bias, tuned", four)
    yield in_scores(TUNED, "bias, tuned", "bias", four)
    for a, b in (("ce", "regression"), ("cumulative-logit", "regression"), ("ordrec", "regression"), ("ordrec", "ce")):
        yield in_scores(TUNED, a + ENSEMBLE, b + ENSEMBLE, name=f"Ensembles of `{a}` against those of `{b}`")
    yield in_scores(TUNED, "bayes-gaussian", "regression-implicit", four)
    yield in_scores(TUNED, "bayes-ordinal", "ordrec-implicit", four)
    yield in_scores(TUNED, "bayes-ordinal", "bayes-gaussian", four)
    yield in_scores(TUNED, "bayes-ordinal", "regression", four)
    for a, b in (("bayes-gaussian", "regression-implicit"), ("bayes-ordinal", "ordrec-implicit")):
        yield in_scores(TUNED, a + ENSEMBLE, b + ENSEMBLE, name=f"Ensembles of `{a}` against those of `{b}`")
    trained = settings().filter(regex=r"^score_\d+$").notna().sum(axis=1).groupby(settings().variant).sum()
    yield f"A search of 60 settings is {trained.min()} to {trained.max()} trainings here,"
    yield f"NLL on test of one training and of the mean of three: {', '.join(map(averaged, SEARCHED))}."
    yield f"NLL on valid of the defaults and of the chosen setting: {', '.join(map(on_valid, (*SEARCHED, 'bias')))}."


def of_suite():
    """The sentences of ``reports/suite/README.md``."""
    for name in ("ml-100k", "user-thresholds", "gaussian"):
        for a in ("ce", "cumulative-logit", "ordrec"):
            yield f"On {name}, {in_scores(f'suite/{name}', a, 'regression')}"
