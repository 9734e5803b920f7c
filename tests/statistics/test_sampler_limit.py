"""The sampler at 10^6 ratings whose truth is known: ``tox -e statistics``.

What is lost to the truth is the error of the estimates, which grows with the numbers to estimate, five for each user and item: at
3,000 users and 3,000 items an oracle that knows one side loses 0.9 % by the other alone (docs/families.md). So that 10^6
ratings allow less than 1 %, they are of 1,050 users and 1,000 items here.
"""

import numpy as np
import pytest

from cfce.datasets.synthetic import BIAS_SPREAD, FACTOR_SPREAD, RANK, SCALE, SyntheticTruth
from cfce.estimators.bayes.fit import fit_bayes
from cfce.estimators.bayes.options import BayesOptions
from cfce.metrics.proper import nll
from cfce.ratings import Ratings
from cfce.splits import split_ratings

pytestmark = pytest.mark.statistics


def test_a_million_ratings_of_a_thousand_items_come_within_one_percent_of_the_truth():
    n_users, n_items = 1050, 1000
    rng = np.random.default_rng(0)
    biases = [rng.normal(0, BIAS_SPREAD, n) for n in (n_users, n_items)]
    truth = SyntheticTruth(*biases, *(rng.normal(0, FACTOR_SPREAD, (n, RANK)) for n in (n_users, n_items)))
    pair = rng.choice(n_users * n_items, 1_000_000, replace=False)
    user, item = (pair // n_items + 1).astype(np.int32), (pair % n_items + 1).astype(np.int32)
    ids = [np.arange(1, n + 1, dtype=np.int32) for n in (n_users, n_items)]
    fold = split_ratings(Ratings(user, item, truth.draw(user, item, rng), *ids, SCALE, "known"), "random-80-20", 0)
    found = fit_bayes(fold, BayesOptions(iterations=150, burn_in=40), rng).probabilities["valid"]
    best = truth.distribution(user[fold.valid_rows], item[fold.valid_rows])
    level, values = fold.valid.level, np.asarray(SCALE.values)
    rmse, least_rmse = (np.sqrt(((p @ values - values[level]) ** 2).mean()) for p in (found.astype(float), best))
    print(
        f"RMSE {rmse / least_rmse - 1:.2%}, NLL {nll(found, level) / nll(best, level) - 1:.2%} over the truth on the same ratings"
    )
    assert rmse < 1.01 * least_rmse
    assert nll(found, level) < 1.01 * nll(best, level)
