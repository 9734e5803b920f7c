"""What every registered dataset owes; a new one is tested by being registered.

Nothing here needs a network: what is fetched has tests of its own, with a server on loopback.
"""

from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path

import pytest

from bench.plan.data_source import options_from_text
from cfce.datasets import DATASETS, Place, dataset_at, dataset_named, load_dataset
from cfce.errors import UserError
from cfce.options import field_docs

PATTERNS = {"synthetic-N": "synthetic-500", "gaussian-N": "gaussian-500", "user-thresholds-N": "user-thresholds-500"}
"""A name of each dataset that is registered by a pattern."""
FILE = "file"
"""The dataset that has no name of its own: anybody's ratings, at any path."""
NAMED = [name for name in DATASETS if name != FILE]
ON_DISK = [name for name in DATASETS if name not in PATTERNS]


def quiet(line: str) -> None:
    """What is told is not of interest."""


@dataclass(frozen=True)
class Strange:
    """Options of no dataset."""


@pytest.fixture
def ratings_file(tmp_path) -> Path:
    """12 ratings by 4 users of 3 items."""
    path = tmp_path / "mine.csv"
    path.write_text("user,item,rating\n" + "".join(f"u{u},i{i},{1 + (u + i) % 5}\n" for u in range(4) for i in range(3)))
    return path


@pytest.mark.parametrize("name", DATASETS)
def test_it_is_described_in_a_line_and_its_options_are_frozen_with_defaults_and_a_line_each(name):
    dataset = DATASETS[name]
    assert dataset.name == name
    assert len(dataset.description) > 10
    assert "\n" not in dataset.description
    assert is_dataclass(dataset.options)
    options = dataset.options()
    docs = field_docs(dataset.options)
    for field in fields(options):
        assert docs.get(field.name), f"{field.name} has no line of docstring"
        with pytest.raises(AttributeError):
            setattr(options, field.name, None)


@pytest.mark.parametrize("name", NAMED)
def test_its_name_is_its_own(name):
    asked = PATTERNS.get(name, name)
    assert dataset_named(asked) is DATASETS[name]
    assert [other for other in NAMED if DATASETS[other].matches(asked)] == [name]


@pytest.mark.parametrize("name", DATASETS)
def test_options_of_another_dataset_are_refused_in_a_sentence(name, ratings_file, tmp_path):
    path = ratings_file if name == FILE else None
    with pytest.raises(UserError, match=f"options of {name} are {DATASETS[name].options.__name__}, but Strange came"):
        load_dataset(PATTERNS.get(name, name), Strange(), path=path, cache=tmp_path, log=quiet)


@pytest.mark.parametrize("name", DATASETS)
def test_an_option_that_it_does_not_have_is_refused_with_those_that_it_has(name):
    with pytest.raises(UserError, match=f"--dataset-option no_such_option came with {name}.*; leave it out"):
        options_from_text(DATASETS[name], {"no_such_option": "1"})


@pytest.mark.parametrize("name", DATASETS)
def test_it_claims_no_path_that_is_not_its_own(name, ratings_file, tmp_path):
    """Somebody's file, an empty folder, a file that is no archive, and nothing at all."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "ratings.zip").write_bytes(b"PK\x03\x04 and no more")
    paths = (ratings_file, tmp_path / "empty", tmp_path / "ratings.zip", tmp_path / "absent")
    assert not any(DATASETS[name].is_at(path) for path in paths)
    assert dataset_at(ratings_file) is DATASETS[FILE]


@pytest.mark.parametrize("name", ON_DISK)
def test_a_path_that_does_not_exist_is_refused_in_a_sentence_that_names_it(name, tmp_path):
    dataset, path = DATASETS[name], tmp_path / "absent"
    with pytest.raises(UserError, match=r"absent'? .*; \w+"):
        dataset.load(name, dataset.options(), Place(path, tmp_path / "cache", quiet))


@pytest.mark.parametrize("name", [*PATTERNS.values(), FILE])
def test_the_same_source_gives_the_same_ratings_under_a_name_and_says_nothing_on_standard_output(
    name, ratings_file, tmp_path, capsys
):
    path = ratings_file if name == FILE else None
    one, other = (load_dataset(None if path else name, path=path, cache=tmp_path / "cache", log=quiet) for _ in range(2))
    assert one.fingerprint == other.fingerprint
    assert one.name == other.name == (name if path is None else "mine")
    assert len(one) == (500 if path is None else 12)
    assert capsys.readouterr().out == ""
