"""The lines of ``reports/peers/README.md`` that hold a figure, computed anew from the committed rows."""

from functools import cache
from pathlib import Path

import pandas as pd

FOLDER = Path(__file__).parents[2] / "reports" / "peers"
KNOWN = {
    "`surprise-baseline`": 0.9402,
    "`surprise-svd`": 0.9322,
    "`surprise-svd`, 200 factors, 50 passes": 0.9070,
    "`surprise-svdpp`": 0.9208,
    "`surprise-knn-baseline`": 0.9131,
    "`cornac-mf`": 0.9155,
    "`lenskit-als`": 0.9144,
    "`myfm-regression`": 0.8925,
    "`myfm-probit`": 0.8900,
}
"""The RMSE of each library called by itself, on one split of 80 to 20 of its own."""
SVD, ORDINAL, MYFM = ("n_factors", "n_epochs"), ("n_factors", "implicit_rank"), ("rank", "n_iter")
SETTINGS = {
    "`surprise-svd`": dict(zip(SVD, (100, 20), strict=True)),
    "`surprise-svd`, tuned": dict(zip(SVD, (64, 22), strict=True)),
    "`surprise-svd`, 200 factors, 50 passes": dict(zip(SVD, (200, 50), strict=True)),
    "`bayes-ordinal`": dict(zip(ORDINAL, (15, 50), strict=True)),
    "`bayes-ordinal`, tuned": dict(zip(ORDINAL, (14, 21), strict=True)),
    "`myfm-regression`": dict(zip(MYFM, (10, 200), strict=True)),
    "`myfm-regression`, tuned": dict(zip(MYFM, (5, 186), strict=True)),
}
"""What tells the settings of one variant apart; networks are told by their optimizer."""
LIBRARIES = ("surprise", "lenskit", "cornac", "myfm", "fastai")
NETWORKS = ("regression", "ce-sigmoid", "ce", "cumulative-logit", "ordrec", "regression-implicit", "ordrec-implicit")
OTHERS = (
    "bayes-gaussian",
    "bias",
    "constant",
    "cornac-mf",
    "cornac-pmf",
    "fastai-collab",
    "lenskit-als",
    "lenskit-bias",
    "myfm-probit",
    "surprise-baseline",
    "surprise-knn-baseline",
    "surprise-svdpp",
)


@cache
def table():
    return pd.read_csv(FOLDER / "results.csv")


@cache
def found():
    """The rows of each setting by its name on the page."""
    rows, names = table(), {}
    for name, options in SETTINGS.items():
        chosen = rows.variant == name.split("`")[1]
        for option, value in options.items():
            chosen &= rows[option] == value
        names[name] = rows[chosen]
    for variant in NETWORKS:
        names[f"`{variant}`"] = rows[(rows.variant == variant) & (rows.optimizer == "adam")]
        names[f"`{variant}`, per-rating SGD, tuned"] = rows[(rows.variant == variant) & (rows.optimizer == "sgd")]
    for variant in OTHERS:
        names[f"`{variant}`"] = rows[rows.variant == variant]
    return {name: chosen for name, chosen in names.items() if len(chosen)}


def mean(name, column):
    return found()[name][f"valid_{column}"].mean()


def seconds(rows):
    """Of the fastest fit, two digits."""
    least = rows.fit_seconds.min()
    return f"{least:.0f}" if least >= 10 else f"{least:.1f}" if least >= 1 else f"{least:.2g}"


def lines():
    """The table, the best NLL first."""
    for name in sorted(found(), key=lambda one: mean(one, "nll")):
        rows = found()[name]
        known = f"{KNOWN[name]:.4f}" if name in KNOWN else ""
        scores = " | ".join(f"{mean(name, column):.4f}" for column in ("rmse", "nll", "rps", "accuracy"))
        yield f"| {name} | {scores} | {known} | {seconds(rows)} |"


@cache
def verdicts():
    return pd.read_csv(FOLDER / "verdicts.csv")


def configuration(name):
    """The name that the report gives to a setting of the page."""
    variant, options = name.split("`")[1], SETTINGS.get(name, {})
    told = {one for one in {*verdicts().a, *verdicts().b} if one.split(" (")[0] == variant}
    if "SGD" in name or (variant in NETWORKS and len(told) > 1):
        told = {one for one in told if ("sgd" in one) == ("SGD" in name)}
    if len(told) > 1:
        told = {one for one in told if all(f"{o.replace('_', ' ')} {v}" in one for o, v in options.items())}
    (one,) = told
    return one


def against(name, metric):
    """How ``bayes-ordinal`` and another setting differ: the difference, its interval and the verdict."""
    ours, other = configuration("`bayes-ordinal`"), configuration(name)
    rows = verdicts()
    (row,) = rows[(rows.metric == metric) & rows.a.isin([ours, other]) & rows.b.isin([ours, other])].to_dict("records")
    ends = sorted((abs(row["low"]), abs(row["high"]))) if row["low"] * row["high"] > 0 else (row["low"], row["high"])
    told = f"{abs(row['difference']):.4f} (95 % interval {ends[0]:.4f} to {ends[1]:.4f}, n = {row['n']} splits)"
    return told, row["verdict"]


def searched(file):
    """How many variants of a search kept their defaults, and how many there were."""
    chosen = pd.read_csv(FOLDER / "searches" / file)
    chosen = chosen[chosen.chosen]
    return int((chosen.number == 0).sum()), len(chosen)


def claims():
    """Every sentence of the page that holds a measured figure."""
    best = min(found(), key=lambda one: mean(one, "nll"))
    least = min(found(), key=lambda one: mean(one, "rmse"))
    assert best.startswith("`bayes-ordinal`")
    assert least.startswith("`bayes-ordinal`")
    yield (
        f"`bayes-ordinal` has the lowest RMSE and the lowest NLL of all {len(found())} settings: "
        f"{mean('`bayes-ordinal`', 'rmse'):.4f} and {mean('`bayes-ordinal`', 'nll'):.4f} at its defaults."
    )
    peers = [one for one in found() if one.strip("`").partition("-")[0] in LIBRARIES]
    by_nll, by_rmse = (min(peers, key=lambda one, score=score: mean(one, score)) for score in ("nll", "rmse"))
    assert by_nll == by_rmse == "`myfm-probit`"
    nll, rmse = against("`myfm-probit`", "nll"), against("`myfm-probit`", "normalized_rmse")
    yield f"The best peer in both is `myfm-probit`; `bayes-ordinal` differs from it in NLL by {nll[0]}: {nll[1]}"
    yield f"and in normalized RMSE by {rmse[0]}: {rmse[1]}."
    others = min(mean(one, "nll") for one in peers if one != "`myfm-probit`")
    assert mean("`ordrec`", "nll") < others
    yield f"`ordrec` has an NLL of {mean('`ordrec`', 'nll'):.4f}, and no peer but `myfm-probit` one below {others:.4f}."
    off = {one: mean(one, "rmse") - known for one, known in KNOWN.items()}
    far = max((one for one in off if one != "`surprise-svdpp`"), key=lambda one: abs(off[one]))
    met = sum(abs(one) <= 0.004 for one in off.values())
    yield f"Of {len(off)} known figures, {met} are met within 0.004; the farthest of these, {far}, is {abs(off[far]):.4f} away."
    yield f"`surprise-svdpp` is {abs(off['`surprise-svdpp`']):.4f} away"
    kept = {file: searched(f"{file}.csv") for file in ("programs", "adam", "sgd")}
    yield (
        f"The search kept the defaults of {kept['programs'][0]} of the {kept['programs'][1]} samplers and peers, "
        f"of {kept['adam'][0]} of the {kept['adam'][1]} networks trained by Adam and of {kept['sgd'][0]} of the "
        f"{kept['sgd'][1]} trained by a step a rating"
    )
    svd = [mean(f"`surprise-svd`{more}", "rmse") for more in ("", ", tuned", ", 200 factors, 50 passes")]
    yield (
        f"What tuning can do shows `surprise-svd`: RMSE {svd[0]:.4f} at its defaults, {svd[1]:.4f} with what six settings found, "
        f"{svd[2]:.4f} with 200 factors and 50 passes."
    )
