"""Predictions from outside under doubtful names, in columns that repeat or shift, with values of another scale or kind."""

import shutil

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bench.cli import run_cli
from bench.study import load_study

KIND = "predictions from outside that are not what they seem"


@pytest.fixture
def copy(trained, tmp_path):
    return shutil.copytree(trained, tmp_path / "study")


@pytest.fixture(scope="module")
def good(trained):
    """A right file of predictions of split 0, as a table."""
    study = load_study(trained)
    record = next(record for record in study.ok if record.trial.split == 0)
    frames = [
        pd.DataFrame({"part": part, "user": held.user, "item": held.item, "prediction": 1.0 + np.arange(len(held.level)) % 5})
        for part, held in study.predictions(record).items()
    ]
    return pd.concat(frames, ignore_index=True)


def refused(kind, capsys, copy, name, path, what):
    before = load_study(copy).records
    code = run_cli(["add", name, str(path), "--study", str(copy), "--split", "0"])
    told = capsys.readouterr().err
    kind.expect(code == 2 and len(told.strip().splitlines()) == 1 and what in told, (code, told))
    kind.expect(load_study(copy).records == before, "nothing was added")


@pytest.mark.parametrize("name", ["ce", " ce ", "CE", "ce (bootstrap)", "ce  (bootstrap)", "ce, seed ensemble", "Regression"])
def test_a_name_that_may_be_taken_for_a_trained_one_is_refused(copy, good, tmp_path, kind, capsys, name):
    good.to_csv(tmp_path / "a.csv", index=False)
    refused(kind, capsys, copy, name, tmp_path / "a.csv", "choose another name for these predictions")


@pytest.mark.parametrize("name", ["\x1b[2J", "a\0b", "\u202eabc", "a\nb", " ", "x" * 101])
def test_a_name_that_no_table_can_show_is_refused_without_being_obeyed(copy, good, tmp_path, kind, capsys, name):
    good.to_csv(tmp_path / "a.csv", index=False)
    refused(kind, capsys, copy, name, tmp_path / "a.csv", "a name is 1 to 100 printable characters")


def test_a_column_that_comes_twice_is_refused(copy, good, tmp_path, kind, capsys):
    good.assign(again=5.0).rename(columns={"again": "prediction"}).to_csv(tmp_path / "a.csv", index=False)
    refused(kind, capsys, copy, "mine", tmp_path / "a.csv", "has a column prediction twice")


def test_an_index_without_a_name_shifts_no_column(copy, good, tmp_path, kind, capsys):
    text = good.to_csv().removeprefix(",")  # as R writes it: a name fewer than cells
    (tmp_path / "a.csv").write_text(text)
    refused(kind, capsys, copy, "mine", tmp_path / "a.csv", "line 2 has 5 cells and the first line 4")


def test_an_index_under_an_empty_name_is_left_out(copy, good, tmp_path, kind, capsys):
    good.to_csv(tmp_path / "a.csv")
    kind.expect(
        run_cli(["add", "mine", str(tmp_path / "a.csv"), "--study", str(copy), "--split", "0"]) == 0, capsys.readouterr().err
    )


@pytest.mark.parametrize("value", ["1e6", "-40", "nan", "inf", "4_0", "", "four", "x" * 200_000, "\x1b[31m4"])
def test_a_prediction_of_no_such_scale_is_refused_with_its_line(copy, good, tmp_path, kind, capsys, value):
    frame = good.astype({"prediction": object})
    frame.loc[3, "prediction"] = value
    frame.to_csv(tmp_path / "a.csv", index=False)
    refused(kind, capsys, copy, "mine", tmp_path / "a.csv", "a.csv', line 5: prediction is ")


COLUMNS = {
    "times": lambda n: pa.array(np.arange(n).astype("datetime64[s]")),
    "lists": lambda n: pa.array([[1.0]] * n),
    "structs": lambda n: pa.array([{"a": 1.0}] * n),
    "booleans": lambda n: pa.array([True] * n),
    "text": lambda n: pa.array(["3"] * n),
    "bytes": lambda n: pa.array([b"3"] * n),
}


@pytest.mark.parametrize("values", COLUMNS)
def test_a_parquet_column_of_another_kind_is_refused_with_its_type(copy, good, tmp_path, kind, capsys, values):
    table = pa.Table.from_pandas(good, preserve_index=False)
    table = table.set_column(3, "prediction", COLUMNS[values](len(good)))
    pq.write_table(table, tmp_path / "a.parquet")
    refused(kind, capsys, copy, "mine", tmp_path / "a.parquet", "has a column prediction of the type ")


def test_ids_beyond_what_64_bits_with_a_sign_hold_are_compared_as_they_are(copy, good, tmp_path, kind, capsys):
    table = pa.Table.from_pandas(good, preserve_index=False)
    table = table.set_column(1, "user", pa.array(np.full(len(good), 2**63 + 1, dtype=np.uint64)))
    pq.write_table(table, tmp_path / "a.parquet")
    refused(kind, capsys, copy, "mine", tmp_path / "a.parquet", f"user {2**63 + 1}, item ")
