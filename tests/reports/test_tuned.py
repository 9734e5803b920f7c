"""The page on the tuned variants and on the suite says what the stored rows of its studies say."""

import importlib.util
import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import brentq
from scipy.stats import norm, t

spec = importlib.util.spec_from_file_location("tuned_claims", Path(__file__).parent / "tuned_claims.py")
claims = importlib.util.module_from_spec(spec)
spec.loader.exec_module(claims)

SUITE = claims.REPORTS / "suite"
NUMBERS = (
    "learning_rate", "epochs", "batch_size", "weight_decay", "n_factors", "sigma",
    "user_shrinkage", "item_shrinkage", "implicit_rank",
)  # fmt: skip
OF_SUITE = ("ml-100k", "user-thresholds", "gaussian")


def words(text):
    return " ".join(text.split())


@pytest.mark.parametrize(("folder", "made"), [("tuned-ml-100k", claims.of_tuned), ("suite", claims.of_suite)])
def test_every_sentence_of_a_page_is_what_the_rows_give_and_no_other_number_is_measured(folder, made):
    page = words((claims.REPORTS / folder / "README.md").read_text())
    for claim in map(words, made()):
        assert claim in page
        page = page.replace(claim, "")
    assert not re.findall(r"(?<![\d.])\d*\.\d{2,}(?![\d.])", page)


@pytest.mark.parametrize("folder", ["tuned-ml-100k", *(f"suite/{name}" for name in OF_SUITE)])
def test_every_variant_had_the_same_budget_and_the_best_complete_setting_was_judged(folder):
    settings = pd.read_csv(claims.REPORTS / folder / "settings.csv")
    results = pd.read_csv(claims.REPORTS / folder / "results.csv")
    assert set(settings.groupby("variant").size()) == {60 if folder == "tuned-ml-100k" else 30}
    for variant, tried in settings.groupby("variant"):
        splits = tried[tried.state == "complete"].filter(regex=r"^score_\d+$")
        assert splits.shape[1] == 5
        chosen = tried[tried.chosen].iloc[0]
        assert chosen.number == tried.loc[splits.mean(axis=1).idxmin()].number, "the least mean NLL on valid"
        judged = results[results.variant == ("bias, tuned" if variant == "bias" else variant)]
        assert len(judged) == (5 if variant == "bias" else 15), "5 splits with 3 new seeds, of what has seeds"
        searched = [option for option in NUMBERS if option in tried and tried[option].notna().any()]
        assert len(searched) >= 2
        for option in searched:
            assert np.allclose(judged[option], chosen[option], rtol=1e-6), (variant, option)


def test_every_pair_of_the_tuned_report_is_a_stored_verdict():
    rows = claims.verdicts("tuned-ml-100k")
    text = (claims.REPORTS / "tuned-ml-100k" / "report.md").read_text()
    one = rows[(rows.metric == "nll") & rows.a.isin(["regression", "ce"]) & rows.b.isin(["regression", "ce"])].iloc[0]
    assert one.standing == "primary"
    assert f"Primary comparison. {one.text}" in text
    for image in re.findall(r"\]\((figures/[^)]+)\)", text):
        assert (claims.REPORTS / "tuned-ml-100k" / image).is_file(), image


def test_the_means_of_the_summary_are_those_of_paule_and_mandel():
    """By its definition: the variance between datasets at which Cochran's Q is its degrees of freedom."""
    table = {tuple(row[:2]): row for row in rows_of("Random-effects means")}
    stored = {name: claims.verdicts(f"suite/{name}") for name in OF_SUITE}
    names = ("regression", "ce", "cumulative-logit", "ordrec")
    for a, b in combinations(names, 2):
        found = [one[(one.metric == "nll") & one.a.isin([a, b]) & one.b.isin([a, b])].iloc[0] for one in stored.values()]
        y = np.array([row.difference if row.a == a else -row.difference for row in found])
        v = np.array([((row.high - row.low) / (2 * norm.ppf(0.975))) ** 2 for row in found])

        def mean_and_q(tau2, y=y, v=v):
            w = 1 / (v + tau2)
            mean = (w * y).sum() / w.sum()
            return mean, (w * (y - mean) ** 2).sum(), w.sum()

        excess = mean_and_q(0)[1] - 2
        tau2 = brentq(lambda one: mean_and_q(one)[1] - 2, 0, 10) if excess > 0 else 0.0
        mean, q, weight = mean_and_q(tau2)
        shown = table[a, b] if (a, b) in table else table[b, a]
        sign = 1 if (a, b) in table else -1
        assert float(shown[2]) == pytest.approx(sign * mean, abs=6e-5)
        half = t.ppf(0.975, 2) * np.sqrt(max(q / 2, 1) / weight)
        low, high = (float(one) for one in shown[3].strip("[]").split(","))
        assert (high - low) / 2 == pytest.approx(half, rel=0.02, abs=2e-4)


def rows_of(caption):
    lines = (SUITE / "summary.md").read_text().split(f"**{caption}")[1].splitlines()
    shown = [line for line in lines if line.startswith("|")][2:]
    return [[cell.strip().strip("*") for cell in line.strip("|").split("|")] for line in shown]
