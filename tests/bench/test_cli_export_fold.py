"""``bench export-fold`` writes the rows that a variant trains on, from flags or from a study."""

import json
from pathlib import Path

import pandas as pd
import pytest

from bench.cli import run_cli
from bench.study.formats import write_settings
from cfce.datasets import load_dataset
from cfce.splits import split_ratings


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Fifty ratings in a CSV; the working folder is empty."""
    rows = [{"user": f"u{n % 7}", "item": f"i, {n % 11}", "rating": 1 + n % 5} for n in range(50)]
    pd.DataFrame(rows).to_csv(tmp_path / "ratings.csv", index=False)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "ratings.csv"


def test_every_rating_is_in_one_of_the_three_files(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["export-fold", "--data", str(table), "--split", "3"]) == 0
    assert "test.csv: 5 ratings" in capsys.readouterr().out
    parts = [pd.read_csv(f"fold-3/{part}.csv") for part in ("train", "valid", "test")]
    assert [len(part) for part in parts] == [40, 5, 5]
    columns = ["user", "item", "rating"]
    assert [part.get("row", pd.Series()).tolist() for part in parts] == [[], [0, 1, 2, 3, 4], [5, 6, 7, 8, 9]]
    together = pd.concat([part[columns] for part in parts]).sort_values(columns).reset_index(drop=True)
    pd.testing.assert_frame_equal(together, pd.read_csv(table).sort_values(columns).reset_index(drop=True))
    assert json.loads(Path("fold-3/fold.json").read_text())["rows"] == {"train": 40, "valid": 5, "test": 5}


def test_a_rating_that_never_comes_is_on_the_scale_all_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ratings of 1, 2, 3 and 5 have no equal steps, until the scale is named."""
    table = tmp_path / "gap.csv"
    table.write_text("user,item,rating\n" + "".join(f"{row % 7},{row % 5},{(1, 2, 3, 5)[row % 4]}\n" for row in range(60)))
    flags = ["export-fold", "--data", str(table), "--out", str(tmp_path / "fold")]
    assert run_cli(flags) == 2
    assert "a scale has equal steps; correct it, or name every rating that there may be (--scale)" in capsys.readouterr().err
    assert run_cli([*flags, "--scale", "1,2,3,4,5"]) == 0
    assert len((tmp_path / "fold" / "train.csv").read_text().splitlines()) == 1 + 48


def test_a_protocol_without_test_writes_two_files(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flags = ["--protocol", "random-80-20", "--format", "parquet", "--out", "there"]
    assert run_cli(["export-fold", "--data", str(table), *flags]) == 0
    assert sorted(path.name for path in Path("there").iterdir()) == ["fold.json", "train.parquet", "valid.parquet"]
    assert "has no test part" in capsys.readouterr().out


def study_of(table: Path, fingerprint: str | None = None, data: str | None = None) -> Path:
    ratings = load_dataset(path=table, log=lambda line: None)
    about = {"dataset": ratings.name, "fingerprint": fingerprint or ratings.fingerprint, "options": {}}
    about = {**about, "path": data or str(table), "scale": list(ratings.scale.values)}
    about |= {"n_ratings": len(ratings), "n_users": ratings.n_users, "n_items": ratings.n_items, "n_repeated_pairs": 0}
    machine = {"python": "3", "platform": "-", "cpu": "-", "cores": 2, "cuda_device": None, "versions": {}}
    plan = {"command": "", "asked": "", "plan": {"protocol": "random-80-10-10"}, "environment": machine, "trial_ids": []}
    content = {"name": "study", "created": "", "data": about, "plans": [plan], "variants": {}, "added": []}
    write_settings(Path("study/study.json"), content)
    return Path("study")


def test_a_study_says_its_own_data_and_protocol(table: Path) -> None:
    assert run_cli(["export-fold", "--study", str(study_of(table)), "--split", "2"]) == 0
    fold = split_ratings(load_dataset(path=table, log=lambda line: None), "random-80-10-10", 2)
    expected = fold.ratings.user_ids[fold.ratings.user[fold.test_rows] - 1].tolist()
    assert pd.read_csv("fold-2/test.csv")["user"].tolist() == expected


def test_data_that_moved_is_found_by_the_flag(table: Path) -> None:
    study = study_of(table, data="/nowhere/ratings.csv")
    assert run_cli(["export-fold", "--study", str(study)]) == 2
    assert run_cli(["export-fold", "--study", str(study), "--data", str(table)]) == 0


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--split", "-1"], "--split -1 came; it is a whole number, 0 or above"),
        (["--format", "xlsx"], "unknown format 'xlsx'; allowed: csv, parquet"),
        (["--protocol", "random"], "unknown protocol 'random'"),
        (["--item-key", "movie"], "--item-key came with file; its options are columns, separator"),
        (["--out", "../ratings.csv/fold"], "the fold cannot be written to '../ratings.csv/fold'"),
    ],
)
def test_bad_flags_are_one_sentence(table: Path, flags: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["export-fold", "--data", str(table), *flags]) == 2
    assert message in capsys.readouterr().err.splitlines()[-1]


def test_a_study_of_other_data_is_refused(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["export-fold", "--study", str(study_of(table, fingerprint="0" * 64))]) == 2
    assert "was run on 000000000000; pass --data" in capsys.readouterr().err


def test_a_study_with_a_dataset_beside_it_is_refused(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["export-fold", "--study", str(study_of(table)), "--dataset", "ml-100k"]) == 2
    assert "--study came with --dataset; a study holds its own, so leave it out" in capsys.readouterr().err


def test_another_protocol_of_a_study_can_be_named(table: Path) -> None:
    assert run_cli(["export-fold", "--study", str(study_of(table)), "--protocol", "random-80-20", "--out", "there"]) == 0
    assert sorted(path.name for path in Path("there").iterdir()) == ["fold.json", "train.csv", "valid.csv"]
