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
SETTINGS = {
    "`surprise-svd`": {"n_factors": 100, "n_epochs": 20},
    "`surprise-svd`, tuned": {"n_factors": 64, "n_epochs": 22},
    "`surprise-svd`, 200 factors, 50 passes": {"n_factors": 200, "n_epochs": 50},
}
"""What tells the settings of one variant apart; networks are told by their optimizer."""
TRAPPED = 1.33
"""Raw NLL above which a training of a classifier stays in its bad beginning."""
LIBRARIES = ("surprise", "lenskit", "cornac", "myfm", "fastai")
NETWORKS = ("regression", "ce-sigmoid", "ce", "cumulative-logit", "ordrec", "regression-implicit", "ordrec-implicit")
OTHERS = (
    "bayes-gaussian",
    "bayes-ordinal",
    "bias",
    "constant",
    "cornac-mf",
    "cornac-pmf",
    "fastai-collab",
    "lenskit-als",
    "lenskit-bias",
    "myfm-probit",
    "myfm-regression",
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


def against(other, metric):
    """How ``bayes-ordinal`` and another variant differ: the difference, its interval, and its verdict."""
    pair, rows = ["bayes-ordinal", other], verdicts()
    (row,) = rows[(rows.metric == metric) & rows.a.isin(pair) & rows.b.isin(pair)].to_dict("records")
    sign = 1 if row["difference"] >= 0 else -1
    low, high = sorted((sign * row["low"], sign * row["high"]))
    told = f"{sign * row['difference']:.4f} (95 % interval {low:.4f} to {high:.4f}, n = {row['n']} splits)"
    turned = {"better": "worse", "worse": "better"}
    return told, row["verdict"] if row["a"] == "bayes-ordinal" else turned.get(row["verdict"], row["verdict"])


def searched(file):
    """How many variants of a search kept their defaults, and how many there were."""
    chosen = pd.read_csv(FOLDER / "searches" / file)
    chosen = chosen[chosen.chosen]
    return int((chosen.number == 0).sum()), len(chosen)


def gain_of(variant):
    """By how much the NLL of the setting that a search chose is below that of the defaults, on the search's own split."""
    rows = pd.read_csv(FOLDER / "searches" / "programs.csv")
    rows = rows[rows.variant == variant].set_index("number")
    return rows.score[0] - rows.score.min()


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
    nll, rmse = against("myfm-probit", "nll"), against("myfm-probit", "normalized_rmse")
    yield f"The best peer in both is `myfm-probit`: `bayes-ordinal` is {nll[1]} in NLL by {nll[0]}"
    other = against("myfm-regression", "normalized_rmse")
    yield f"and {rmse[1]} in normalized RMSE by {rmse[0]}, and beside `myfm-regression` {other[1]}"
    yield f"in normalized RMSE by {other[0]}."
    of_table = verdicts()
    beside = of_table[(of_table.metric == "nll") & of_table[["a", "b"]].isin(["bayes-ordinal"]).any(axis=1)]
    ahead = [against(row.a if row.b == "bayes-ordinal" else row.b, "nll")[1] for row in beside.itertuples()]
    yield f"In NLL `bayes-ordinal` is better than {ahead.count('better')} of the {len(ahead)} other settings."
    fits = [seconds(found()[f"`{name}`"]) for name in ("bayes-ordinal", "myfm-probit")]
    yield f"A fit of `bayes-ordinal` takes {fits[0]} s and one of `myfm-probit` {fits[1]} s."
    others = min(mean(one, "nll") for one in peers if one != "`myfm-probit`")
    assert mean("`ordrec`", "nll") < others
    yield f"`ordrec` has an NLL of {mean('`ordrec`', 'nll'):.4f}, and no peer but `myfm-probit` one below {others:.4f}."
    trapped = {name: (found()[f"`{name}`"].valid_raw_nll > TRAPPED).sum() for name in ("ce", "ce-sigmoid")}
    yield (
        f"{trapped['ce']} of the ten trainings of `ce` and {trapped['ce-sigmoid']} of `ce-sigmoid` "
        f"end with a raw NLL above {TRAPPED}"
    )
    off = {one: mean(one, "rmse") - known for one, known in KNOWN.items()}
    far = max(off, key=lambda one: abs(off[one]))
    met = sum(abs(one) <= 0.004 for one in off.values())
    spread = found()[far].valid_rmse.std()
    yield (
        f"Of {len(off)} known figures, {met} are met within 0.004; the farthest, {far}, is {abs(off[far]):.4f} away, where "
        f"single splits differ by {spread:.4f} (standard deviation, n = {len(found()[far])} splits)."
    )
    assert [name for name, one in off.items() if one < 0] == ["`surprise-svdpp`"]
    yield f"`surprise-svdpp` alone is below its known figure, by {-off['`surprise-svdpp`']:.4f}"
    kept = {file: searched(f"{file}.csv") for file in ("programs", "adam", "sgd")}
    yield (
        f"The search kept the defaults of {kept['programs'][0]} of the {kept['programs'][1]} samplers and peers, "
        f"of {kept['adam'][0]} of the {kept['adam'][1]} networks trained by Adam and of {kept['sgd'][0]} of the "
        f"{kept['sgd'][1]} trained by a step a rating."
    )
    gained = [gain_of(name) for name in ("bayes-ordinal", "myfm-regression")]
    yield (
        f"For `bayes-ordinal` and `myfm-regression` it found settings whose NLL is {gained[0]:.4f} and {gained[1]:.4f} better "
        "than that of the defaults on its own split: too little to train them again."
    )
    svd = [mean(f"`surprise-svd`{more}", "rmse") for more in ("", ", tuned", ", 200 factors, 50 passes")]
    yield (
        f"What tuning can do shows `surprise-svd`: RMSE {svd[0]:.4f} at its defaults, {svd[1]:.4f} with what six settings found, "
        f"{svd[2]:.4f} with 200 factors and 50 passes."
    )
