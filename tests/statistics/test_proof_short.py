"""The proof in small: banks of a few hundred trainings of ``ce`` on 3,000 made-up ratings, made in seconds."""

import numpy as np
import pytest
from proofs import bank as banks
from proofs.bank import Size, open_bank
from proofs.measure import measure, upper_end
from proofs.study import Cells, Layout, Population, judge, side_of

from bench.statistics.estimate import estimate

NESTED, CROSSED = Layout(6, 3, crossed=False), Layout(6, 3, crossed=True)


@pytest.fixture(scope="module")
def population(tmp_path_factory) -> Population:
    folder = tmp_path_factory.mktemp("bank")
    patch = pytest.MonkeyPatch()
    patch.setattr(banks, "bank_folder", lambda dataset, variant: folder / f"{dataset}-{variant}")
    with patch.context():
        bank = open_bank("synthetic-3000", "ce", Size(8, 16, (0.01, 0.03)))
    patch.undo()
    return Population(bank, np.random.default_rng(0), n_draws=4, n_replicates=100)


@pytest.mark.parametrize("layout", [NESTED, CROSSED, Layout(1, 8, crossed=False)], ids=str)
def test_one_variant_under_two_names_gets_a_false_verdict_in_few_studies(population, layout):
    found = measure(population, (0, 1), population, (0, 1), layout, 120, np.random.default_rng(1))
    assert found.false <= 0.05
    assert found.coverage >= 0.9
    (mean, error), _ = found.optimism
    assert abs(mean) < 4 * error


def test_without_seeds_as_a_source_crossed_studies_would_be_wrong(population):
    """So the bank shows what the procedure is for: the units are splits, and shared seeds are not counted."""
    rng = np.random.default_rng(2)
    wrong = 0
    for _ in range(100):
        cells = Cells.drawn(CROSSED, population, rng)
        a, b = (side_of(population, (0,), cells, rng) for _ in range(2))
        difference = (a.scores - b.scores)[0, :, 0].astype(np.float64)
        wrong += estimate(difference[:, 0], cells.splits, None, difference[:, 1:].T).p <= 0.05
    assert wrong > 20


def test_one_shared_seed_withholds_every_verdict_and_its_interval_is_about_that_seed(population):
    rng = np.random.default_rng(3)
    layout = Layout(6, 1, crossed=True)
    found = []
    for _ in range(60):
        cells = Cells.drawn(layout, population, rng)
        sides = [side_of(population, (0,), cells, rng) for _ in range(2)]
        found.append(judge(*sides, cells, population.effective[cells.draw], rng))
    assert {verdict for one in found for verdict in one.verdicts} == {"undecided"}
    assert {one.found[0].generalises_to for one in found} == {("splits", "users")}
    assert np.mean([one.covered for one in found]) >= 0.9


def test_the_upper_end_of_a_share_is_wilsons():
    from statsmodels.stats.proportion import proportion_confint

    assert upper_end(0.05, 1000) == pytest.approx(proportion_confint(50, 1000, method="wilson")[1], abs=1e-4)
