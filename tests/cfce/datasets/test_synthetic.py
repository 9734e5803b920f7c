"""Drawn ratings: the same each time, as often as their true distribution says, and never all in memory."""

import math
import subprocess
import sys

import numpy as np
import pytest

from cfce.datasets import load_dataset, load_truth, synthetic_size
from cfce.datasets import synthetic_files as files
from cfce.datasets.synthetic import NOISE, SCALE, SyntheticTruth
from cfce.errors import UserError


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def one_pair():
    """A truth of one user and one item whose latent mean is 3.55 + 0.05 = 3.6."""
    zeros = np.zeros((1, 4))
    return SyntheticTruth(np.array([0.05]), np.array([0.0]), zeros, zeros)


def test_the_distribution_is_the_cumulative_link_of_the_paper(one_pair):
    """With the mean at 3.6, P(rating <= 3) = 1 / (1 + exp((3.6 - 3.5) / 0.42)) = 0.4408."""
    p = one_pair.distribution([1], [1])[0]
    assert p.sum() == pytest.approx(1)
    assert p[:3].sum() == pytest.approx(1 / (1 + math.exp((3.6 - 3.5) / NOISE)))
    assert p[:3].sum() == pytest.approx(0.4408, abs=5e-5)
    assert p[4] == pytest.approx(1 / (1 + math.exp((4.5 - 3.6) / NOISE)))


def test_draws_come_as_often_as_the_distribution_says(one_pair):
    """Of 100,000 draws the share of each level lies within five standard deviations, at most 5 x 0.0016."""
    n = 100_000
    ones = np.ones(n, dtype=np.int32)
    shares = np.bincount(one_pair.draw(ones, ones, np.random.default_rng(0)), minlength=5) / n
    p = one_pair.distribution([1], [1])[0]
    assert (np.abs(shares - p) < 5 * np.sqrt(p * (1 - p) / n)).all()


def test_the_limit_is_arithmetic_on_the_distribution(one_pair):
    p = one_pair.distribution([1], [1])[0]
    values = np.array(SCALE.values)
    limit = one_pair.limit([1, 1], [1, 1])
    assert limit.rmse == pytest.approx(math.sqrt((p * (values - (p * values).sum()) ** 2).sum()))
    assert limit.accuracy == pytest.approx(p.max())
    assert limit.nll == pytest.approx(-(p * np.log(p)).sum())


def test_the_truth_scores_its_limit_on_drawn_ratings_and_nothing_else_does(cache):
    """On 100,000 ratings the mean squared error has a standard error near 0.003, and so the RMSE 0.002; five are allowed."""
    ratings, truth = load_dataset("synthetic-100000", cache=cache), load_truth(100_000)
    limit, prediction = truth.limit(ratings.user, ratings.item), truth.predict(ratings.user, ratings.item)
    values = ratings.scale.array[ratings.level]
    nll = -np.log(prediction.probabilities[np.arange(len(ratings)), ratings.level])
    assert np.sqrt(np.mean((prediction.decode("mean") - values) ** 2)) == pytest.approx(limit.rmse, abs=0.01)
    assert (prediction.levels() == ratings.level).mean() == pytest.approx(limit.accuracy, abs=5 * 0.5 / math.sqrt(len(ratings)))
    assert nll.mean() == pytest.approx(limit.nll, abs=5 * float(nll.std()) / math.sqrt(len(ratings)))
    assert values.std() > limit.rmse + 0.2  # so there is something to learn
    other = prediction.probabilities[:, ::-1]
    assert -np.log(other[np.arange(len(ratings)), ratings.level]).mean() > limit.nll + 0.1


def test_the_levels_come_about_as_often_as_in_movielens(cache):
    shares = np.bincount(load_dataset("synthetic-100000", cache=cache).level, minlength=5) / 100_000
    assert np.abs(shares - [0.061, 0.114, 0.271, 0.342, 0.212]).max() < 0.07


def test_ratings_are_the_same_each_time_and_come_from_the_cache(cache, tmp_path, monkeypatch):
    first = load_dataset("synthetic-3000", cache=cache)
    assert load_dataset("synthetic-3000", cache=tmp_path / "other").fingerprint == first.fingerprint
    monkeypatch.setattr(files, "draw_chunks", lambda n: pytest.fail("drawn again"))
    again = load_dataset("synthetic-3000", cache=cache)
    assert again.fingerprint == first.fingerprint
    assert (len(again), again.n_users, again.n_items, again.name) == (3000, 165, 165, "synthetic-3000")


def test_the_ratings_do_not_depend_on_how_many_are_written_at_a_time(cache):
    whole = [np.concatenate(column) for column in zip(*files.draw_chunks(3000), strict=True)]
    ratings = load_dataset("synthetic-3000", cache=cache)
    for column, expected in zip((ratings.user, ratings.item, ratings.level), whole, strict=True):
        assert np.array_equal(column, expected)


def test_several_chunks_differ_and_the_last_is_partial(monkeypatch):
    monkeypatch.setattr(files, "CHUNK", 400)
    chunks = list(files.draw_chunks(1000))
    assert [len(level) for _, _, level in chunks] == [400, 400, 200]
    assert not np.array_equal(chunks[0][0], chunks[1][0])


def test_a_damaged_file_is_set_aside_and_drawn_again(cache, said):
    first = load_dataset("synthetic-1000", cache=cache).fingerprint
    path = cache / "synthetic-1000.1" / "level.npy"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    for damage in (bytes(content), content[:-10], b""):
        path.write_bytes(damage)
        assert load_dataset("synthetic-1000", cache=cache, log=said.append).fingerprint == first
    assert len(said) == 3
    assert all("is damaged" in line for line in said)
    assert sorted(one.name for one in cache.iterdir() if one.suffix != ".lock") == [
        "synthetic-1000.1",
        "synthetic-1000.1.damaged",
    ]


def test_nothing_half_written_stays(cache, monkeypatch):
    def broken(n):
        yield next(files_draw(n))
        raise OSError(28, "No space left on device")

    files_draw = files.draw_chunks
    monkeypatch.setattr(files, "draw_chunks", broken)
    with pytest.raises(UserError, match=r"cannot be written \(No space left on device\); set CFCE_CACHE to a folder with room"):
        load_dataset("synthetic-1000", cache=cache)
    assert [one.name for one in cache.iterdir() if one.suffix != ".lock"] == []
    (cache / ".synthetic-1000.1.k1ll3d.tmp").mkdir()  # of a process that was killed
    monkeypatch.undo()
    assert len(load_dataset("synthetic-1000", cache=cache)) == 1000
    assert [one.name for one in cache.iterdir() if one.suffix != ".lock"] == ["synthetic-1000.1"]


def test_too_little_room_is_refused_before_drawing(cache, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Usage", (), {"free": 8_000_000})())
    with pytest.raises(UserError, match=r"synthetic-1000000 takes 9 MB, but .* has 8 MB free"):
        load_dataset("synthetic-1000000", cache=cache)


MEASURE = """
import sys, tracemalloc
from pathlib import Path
from cfce.datasets import load_dataset
load_dataset("synthetic-1000", cache=Path(sys.argv[1]))  # what is imported late is not counted
tracemalloc.start()
ratings = load_dataset("synthetic-2000000", cache=Path(sys.argv[1]))
print(len(ratings), *tracemalloc.get_traced_memory())
"""


def test_two_million_ratings_are_never_all_in_memory(cache):
    """Drawing holds one chunk of 65,536 ratings and its temporaries, whatever N is, and what is held afterwards is on disk.

    2,000,000 ratings of 9 bytes are 18 MB; with their latent means and draws in float64 they would be more than 80 MB.
    """
    done = subprocess.run([sys.executable, "-c", MEASURE, str(cache)], capture_output=True, text=True, check=True)
    n, held, peak = (int(number) for number in done.stdout.split())
    assert n == 2_000_000
    assert held < 0.5 * n  # not even a byte a rating
    assert peak < 8e6


@pytest.mark.parametrize(
    "name", ["synthetic-", "synthetic-N", "synthetic-99", "synthetic-100000001", "synthetic-1e5", "synthetic-0100"]
)
def test_an_n_that_is_no_size_is_refused(name):
    with pytest.raises(
        UserError, match=f"dataset '{name}' came; a synthetic dataset is synthetic-N with N from 100 to 100000000"
    ):
        synthetic_size(name)


def test_the_truth_knows_no_unknown_user():
    truth = load_truth(100)
    with pytest.raises(UserError, match="user codes 0 to 1 came; the truth has the codes 1 to 30"):
        truth.distribution([0, 1], [1, 1])
    with pytest.raises(UserError, match="item codes 31 to 31 came"):
        truth.means([1], [31])
    with pytest.raises(UserError, match=r"no \(user, item\) pairs came"):
        truth.limit([], [])
