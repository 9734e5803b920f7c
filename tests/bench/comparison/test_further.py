"""The commands that a report offers: more splits or seeds, and wider grids, in the folder that is there."""

from dataclasses import replace
from pathlib import Path

import pytest

from bench.comparison.choice import choose
from bench.comparison.further import command_that_widens, commands_that_add, commands_that_reach
from bench.comparison.scores import StudyScores
from cfce.metrics import METRICS

FOLDER = Path("reports/default")


@pytest.fixture(scope="module")
def choice(make_study, tmp_path_factory):
    made = make_study.MadeUp
    rates = [made("ce", "classification", rate, noise) for rate, noise in ((5e-3, 0.2), (1e-2, 0.5), (0.1, 0.9))]
    scores = StudyScores.of(make_study(tmp_path_factory.mktemp("study"), rates, [(one, one, one) for one in range(3)]))
    return choose(scores, scores.configurations["ce"], METRICS["nll"])


def test_plans_of_a_pair_grow_to_one_design():
    """Pairs need the same splits and seeds: what one plan has more than the other is of no use to them."""
    many, few = ({"command": f"bench run --splits 3 --seeds {n}", "plan": {"splits": 3, "seeds": n}} for n in (6, 2))
    assert commands_that_reach([many, few], 17, FOLDER) == "bench run --splits 3 --seeds 6 --out reports/default"
    wide = {"command": "bench run --splits 5", "plan": {"splits": 5, "seeds": 2}}
    assert commands_that_add([many, wide], 2, FOLDER) == "bench run --splits 5 --seeds 6 --out reports/default"


def test_the_lowest_rate_of_a_grid_asks_for_lower_ones(choice):
    assert choice.edge == "lowest"
    plan = {"command": "bench run --learning-rates 5e-3,1e-2,0.1 --seeds 3"}
    wider = "bench run --learning-rates 0.001,0.003,0.005,0.01,0.1 --seeds 3 --out reports/default"
    assert command_that_widens(plan, [choice], FOLDER) == wider
    long = {"command": "bench run --option learning_rate=5e-3,1e-2,0.1 --option epochs=2"}
    assert command_that_widens(long, [choice], FOLDER) == (
        "bench run --option epochs=2 --learning-rates 0.001,0.003,0.005,0.01,0.1 --out reports/default"
    )


def test_a_rate_inside_its_grid_and_a_search_ask_for_nothing(choice):
    inside = replace(choice, learning_rate=1e-2)
    assert command_that_widens({"command": "bench run"}, [inside], FOLDER) is None
    assert command_that_widens({"command": "bench tune"}, [choice], FOLDER) is None


def test_enough_seeds_are_splits_where_each_has_its_own_and_seeds_where_they_are_shared():
    nested = {"command": "bench run --splits 3 --seeds 4", "plan": {"splits": 3, "seeds": 4}}
    assert commands_that_reach([nested], 17, FOLDER) == "bench run --splits 5 --seeds 4 --out reports/default"
    shared = {"command": "bench run --splits 3 --seeds 4 --crossed", "plan": {"splits": 3, "seeds": 4, "crossed": True}}
    assert commands_that_reach([shared], 17, FOLDER) == "bench run --splits 3 --seeds 17 --crossed --out reports/default"
