"""Time and memory of a fit grow with the ratings, and no faster."""

import json
from pathlib import Path

import pytest

from bench.timing.cases import Case
from bench.timing.growth import LIMIT, Growth, GrowthResult, grow_in_child, sizes_of
from bench.timing.growth_report import write_growth
from bench.timing.resident import CLEAR, peak_bytes, resident_bytes, restart_peak
from bench.timing.slowdown import read_timings
from cfce.errors import UserError
from cfce.options import TrainingOptions

linux = pytest.mark.skipif(not CLEAR.exists(), reason="only Linux tells the peak memory of a phase")


@linux
def test_a_fit_of_a_million_ratings_needs_at_most_24_bytes_each_beside_the_model(cache: Path) -> None:
    """A classifier's: its predictions are K times as wide as a regression's."""
    row = grow_in_child(1_000_000, Case("fused", "ce", "cpu"), TrainingOptions(epochs=1, batch_size=640, n_factors=8))
    assert row.own_bytes_a_rating is not None
    assert 4 < row.own_bytes_a_rating <= LIMIT
    assert row.peak_bytes > row.own_bytes


@linux
def test_the_peak_of_a_phase_is_its_own() -> None:
    block = bytearray(64_000_000)
    del block
    assert restart_peak()
    before, peak = resident_bytes(), peak_bytes()
    assert before is not None
    assert peak is not None
    assert peak - before < 32_000_000
    block = bytearray(b"1") * 64_000_000
    del block
    after = peak_bytes()
    assert after is not None
    assert after - before > 60_000_000


def test_a_fit_that_fails_says_why(cache: Path) -> None:
    with pytest.raises(RuntimeError, match=r"the fit on synthetic-1000 ended with exit code 1:[\s\S]*batch size 5000 came"):
        grow_in_child(1_000, Case("fused", "ce", "cpu"), TrainingOptions(batch_size=5_000))


def test_rates_are_by_the_million_ratings(tmp_path: Path) -> None:
    row = Growth(2_000_000, Case("fused", "regression", "cpu"), 1280, 2, 9_000, 8.0, 300_000_000, 40_000_000)
    assert row.seconds_per_epoch == 4.0
    assert row.seconds_a_million == 2.0
    assert row.peak_mb_a_million == 150.0
    assert row.own_bytes_a_rating == 20.0
    machine = {"cpu": "Some CPU", "cores": 2, "python": "3.11"}
    paths, text, seconds = write_growth(GrowthResult("2026-01-01", "bench time --growth", machine, (row,)), tmp_path)
    assert "| 2,000,000 | fused | 1,280 | 9,000 | 4 s | 2 | 300 | 150 | 20.0 |" in text
    assert (tmp_path / "growth.md").read_text() == text
    assert (tmp_path / "growth.png").read_bytes().startswith(b"\x89PNG")
    assert Growth.from_json(json.loads((tmp_path / "growth.json").read_text())["growth"][0]) == row
    assert read_timings(paths[0])[0] == seconds == {"growth-fused-regression-cpu-2000000": 4.0}


@pytest.mark.parametrize(
    ("text", "message"), [("1e5", "--sizes 1e5 came; it is whole numbers"), ("10", "--sizes with 10 came"), ("", "--sizes  came")]
)
def test_sizes_that_are_no_numbers_of_ratings_are_refused(text: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        sizes_of(text)
