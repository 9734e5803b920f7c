"""What is told before a plan is trained."""

from pathlib import Path

import pytest

from bench.cli import run_cli
from bench.harness.checking import few_users_note
from cfce.ratings import Ratings


@pytest.mark.parametrize(
    ("n_users", "told"),
    [
        (1, "the ratings are by 1 user, and a verdict needs 10 or more: there will be scores and no verdict"),
        (9, "the ratings are by 9 users, and a verdict needs 10 or more: there will be scores and no verdict"),
        (10, ""),
    ],
)
def test_ratings_by_too_few_users_for_a_verdict_are_told(n_users: int, told: str) -> None:
    ratings = Ratings.from_columns([number % n_users for number in range(40)], list(range(40)), [1, 2] * 20, name="r")
    assert few_users_note(ratings) == told


@pytest.mark.parametrize("command", ["run", "tune"])
def test_it_is_told_when_the_ratings_are_read(tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str) -> None:
    """The batch that is larger than train ends the command before anything is trained."""
    table = tmp_path / "mine.csv"
    table.write_text("user,item,rating\n" + "".join(f"me,i{number},{1 + number % 3}\n" for number in range(40)))
    flags = ["--data", str(table), "--variants", "regression", "--option", "batch_size=100", "--out", str(tmp_path / "study")]
    assert run_cli([command, *flags]) == 2
    assert "the ratings are by 1 user, and a verdict needs 10 or more" in capsys.readouterr().out
    assert not (tmp_path / "study").exists()
