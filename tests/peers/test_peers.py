"""Each peer, really installed: what it gives on MovieLens 100k, and on ratings with a scale and ids of another kind."""

from functools import cache

import numpy as np
import pytest

from bench.variants.peers import scripts
from bench.variants.plugins import load_parts
from bench.variants.variant import VARIANTS
from cfce.datasets import load_dataset
from cfce.errors import UserError
from cfce.estimators import Program, Task
from cfce.estimators.program import Command
from cfce.ratings import Ratings
from cfce.splits import Fold, split_ratings

load_parts()
pytestmark = [pytest.mark.peers, pytest.mark.timeout(1800)]

NAMES = [path.stem.replace("_", "-") for path in scripts()]
KNOWN = [
    ("surprise-svd", 0.9322, {}),
    ("surprise-svd", 0.9070, {"n_factors": 200, "n_epochs": 50, "lr_all": 0.01, "reg_all": 0.1}),
    ("surprise-knn-baseline", 0.9131, {}),
    ("surprise-baseline", 0.9402, {}),
    ("lenskit-als", 0.9144, {}),
    ("cornac-mf", 0.9155, {}),
    ("fastai-collab", 0.920, {}),
    ("myfm-regression", 0.8925, {}),
    ("myfm-probit", 0.8900, {}),
]
"""Peer, the RMSE of one random split of 80 to 20, measured with the library alone, and the options of that."""
ORDERS = {"drawn": 0.9208, "as in the file": 0.9148}
"""The RMSE of Surprise's SVD++ on one split by the order of the training ratings, measured with the library alone."""


@cache
def movielens() -> Ratings:
    try:
        return load_dataset("ml-100k", log=print)
    except UserError as error:
        pytest.skip(f"ml-100k cannot be had: {error}")


@pytest.fixture(scope="module")
def odd() -> Fold:
    """Ratings of half stars by users with text ids, with users and items that train lacks, and a pair that comes twice."""
    rng = np.random.default_rng(0)
    user = [f"user {one}" for one in rng.integers(0, 60, 1500)]
    item = rng.integers(0, 90, 1500).tolist()
    rating = rng.integers(1, 11, 1500) / 2
    user[0], item[1] = "only here", 1000
    user[3], item[3] = user[2], item[2]
    ratings = Ratings.from_columns(user, item, rating, name="odd")
    rows = np.arange(1500, dtype=np.int32)
    return Fold(ratings, "random-80-10-10", 0, rows[400:], rows[:200], rows[200:400])


@pytest.fixture(scope="module", autouse=True)
def environments() -> None:
    for name in NAMES:
        VARIANTS[name].estimator.prepare(print)


def fitted(name: str, fold: Fold, seed: int = 0, **options: object):
    return VARIANTS[name].estimator.with_options(options).fit(Task(fold, seed, seed, "cpu", "program"))


@pytest.mark.parametrize(("name", "known", "options"), KNOWN)
def test_its_rmse_over_three_splits_is_the_known_one(name: str, known: float, options: dict[str, float]) -> None:
    found = []
    for split in range(3):
        fold = split_ratings(movielens(), "random-80-20", split)
        found.append(rmse_of(name, fold, split, **options))
    assert np.mean(found) == pytest.approx(known, abs=0.004)


def rmse_of(name: str, fold: Fold, seed: int, **options: object) -> float:
    points = fitted(name, fold, seed, **options).predictions["valid"].decode("mean")
    return float(np.sqrt(np.mean((points - fold.scale.array[fold.valid.level]) ** 2)))


@pytest.mark.parametrize("order", ORDERS)
def test_svdpp_gives_the_known_rmse_of_a_split_which_depends_on_the_order_of_the_training_ratings(order: str) -> None:
    """Surprise visits users in the order of their first rating, and a user's ratings in theirs; SVD is moved by 0.0004."""
    rows = np.random.default_rng(0).permutation(100_000).astype(np.int32)
    train = rows[20_000:] if order == "drawn" else np.sort(rows[20_000:])
    fold = Fold(movielens(), "random-80-20", 0, train, rows[:20_000], rows[:0])
    assert rmse_of("surprise-svdpp", fold, 0) == pytest.approx(ORDERS[order], abs=0.0005)


SHORT = {"n_epochs": 2, "max_iter": 2, "n_iter": 20, "als_epochs": 2, "n_epoch": 1}
"""Options that make a fit short."""


@pytest.mark.parametrize("name", NAMES)
def test_it_predicts_odd_ratings_and_the_same_seed_gives_the_same(name: str, odd: Fold) -> None:
    options = {option: value for option, value in SHORT.items() if option in VARIANTS[name].options}
    one, two = fitted(name, odd, **options), fitted(name, odd, **options)
    assert one.timed == "fit"
    assert one.fit_seconds > 0
    for part, prediction in one.predictions.items():
        assert len(prediction) == 200
        np.testing.assert_array_equal(prediction.decode("mean"), two.predictions[part].decode("mean"))
    assert (one.predictions["valid"].probabilities is not None) == (VARIANTS[name].family == "ordinal")


def test_an_environment_that_cannot_be_made_is_one_sentence_with_what_uv_says(tmp_path) -> None:
    text = '# /// script\n# dependencies = ["pandas==0.0.0.1"]\n# ///\n'
    (tmp_path / "fit.py").write_text(text)
    program = Program.of(Command(("fit.py",), tmp_path))
    lines: list[str] = []
    with pytest.raises(
        UserError, match=r"^the environment of 'fit.py' cannot be made \(.*pandas==0.0.0.1.*\); 'uv sync"
    ) as error:
        program.prepare(lines.append)
    assert "\n" not in str(error.value)
    assert lines == ["makes the environment of fit.py"]
