"""Which of many variants leads, and what is shown of it."""

from dataclasses import replace

import pytest

from bench.comparison.compare import compare_all
from bench.comparison.scores import StudyScores
from bench.report.leaders import leaders

NOISE = {"sharp": 0.1, "near": 0.11, "third": 0.9, "fourth": 1.2, "blunt": 1.5}


@pytest.fixture(scope="module")
def scores(make_study, tmp_path_factory):
    made = [make_study.MadeUp(name, "regression", noise=noise, tag=at) for at, (name, noise) in enumerate(NOISE.items())]
    made.append(make_study.MadeUp("bias", "baseline", noise=0.01))
    return StudyScores.of(make_study(tmp_path_factory.mktemp("leaders"), made, [(one, one, one) for one in range(6)]))


def test_the_best_mean_is_named_with_the_trained_variants_that_it_is_shown_to_be_better_than(scores):
    table = [one for one in compare_all(scores) if one.metric in ("normalized_rmse", "nll")]
    decided = [one for one in table if "sharp" in (one.a, one.b) and one.verdict in ("better", "worse")]
    better = {
        name: sum(one.metric == name and "bias" not in (one.a, one.b) for one in decided) for name in ("normalized_rmse", "nll")
    }
    assert 0 < better["normalized_rmse"] <= 4
    assert leaders(scores, table) == (
        f"sharp has the best mean in normalized RMSE ({better['normalized_rmse']} of 4) and NLL ({better['nll']} of 4); "
        "in brackets, how many of the other trained variants it is shown to be better than."
    )


def test_what_is_undecided_is_not_counted(scores):
    table = [replace(one, verdict="undecided") for one in compare_all(scores) if one.metric == "nll"]
    assert "(0 of 4)" in leaders(scores, table)


def test_nothing_is_said_where_not_every_pair_is_compared(scores):
    table = [one for one in compare_all(scores) if "sharp" in (one.a, one.b)]
    assert leaders(scores, table) == ""
