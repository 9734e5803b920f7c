"""The table of the sampler's parts says what the stored rows of its study say."""

from pathlib import Path

import pandas as pd
import pytest

FOLDER = Path(__file__).parents[2] / "reports" / "frontier"
FULL = {
    "variant": "bayes-ordinal",
    "implicit_rank": 50,
    "implicit_features": True,
    "repeats": True,
    "user_thresholds": True,
    "item_scales": True,
    "time": False,
    "iterations": 300,
    "n_factors": 15,
}
CHANGES = {
    "`bayes-ordinal`": {},
    "… 150 iterations, 40 of them burn-in": {"iterations": 150},
    "… 1,000 iterations": {"iterations": 1000},
    "… 30 factors": {"n_factors": 30},
    "… without repeats": {"repeats": False},
    "… without features in the priors": {"implicit_features": False},
    "… without item scales": {"item_scales": False},
    "… without thresholds for each user": {"user_thresholds": False},
    "… without implicit feedback": {"implicit_rank": 0},
    "… without all three": {"implicit_rank": 0, "user_thresholds": False, "item_scales": False},
    "… with `time=true`": {"time": True},
    "`bayes-gaussian`": {"variant": "bayes-gaussian"},
    "`bayes-gaussian` without implicit feedback": {"variant": "bayes-gaussian", "implicit_rank": 0},
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_row_is_the_mean_over_four_splits(name):
    (line,) = [one for one in (FOLDER / "README.md").read_text().splitlines() if one.startswith(f"| {name} |")]
    rows = pd.read_csv(FOLDER / "results.csv")
    for option, value in {**FULL, **CHANGES[name]}.items():
        rows = rows[rows[option] == value]
    assert sorted(rows.split) == [0, 1, 2, 3]
    means = rows[["valid_rmse", "valid_raw_nll", "valid_accuracy"]].mean()
    assert line.removeprefix(f"| {name} | ").removesuffix(" |").split(" | ") == [f"{mean:.4f}" for mean in means]
