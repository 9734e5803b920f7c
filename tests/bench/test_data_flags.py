"""A dataset by name beside a path: the path has to hold it."""

from pathlib import Path

import pytest

from bench.cli.data_flags import DataFlags
from bench.plan import data_source
from cfce.errors import UserError


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Path | None]]:
    """What is loaded, which is nothing."""
    found: list[tuple[str, Path | None]] = []
    monkeypatch.setattr(data_source, "load_ratings", lambda name, options, *, path, report: found.append((name, path)))
    return found


def test_an_archive_of_movielens_may_be_named_where_its_path_does_not_say_which(asked: list[object]) -> None:
    DataFlags("ml-1m", Path("mine.zip")).load(print)
    assert asked == [("ml-1m", Path("mine.zip"))]


@pytest.mark.parametrize("name", ["ml-100k", "synthetic-1000", "ml-1m-first-100"])
def test_a_name_that_the_path_does_not_hold_is_refused(name: str, asked: list[object], tmp_path: Path) -> None:
    path = tmp_path / "ratings.csv"
    path.write_text("user,item,rating\n1,2,3\n")
    with pytest.raises(
        UserError, match=f"--dataset {name} and --data .* came; pass one of them: the path does not hold '{name}'"
    ):
        DataFlags(name, path).load(print)
    assert asked == []
