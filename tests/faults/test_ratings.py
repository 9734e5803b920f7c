"""Files of ratings with columns of odd types, fields without end, bombs and signs that a terminal would obey."""

import io
import zipfile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bench.cli import run_cli
from cfce.datasets import load_dataset

KIND = "files of ratings that mean trouble"


@pytest.fixture(autouse=True)
def _cache(tmp_path, monkeypatch):
    monkeypatch.setenv("CFCE_CACHE", str(tmp_path / "cache"))


def refused(kind, capsys, path, what, *flags):
    code = run_cli(["describe", "ce", "--data", str(path), *flags])
    told = capsys.readouterr().err
    kind.expect(code == 2 and len(told.strip().splitlines()) == 1 and len(told) < 2_500, (code, told[:3000]))
    kind.expect(what in told and "\x1b" not in told and "\0" not in told, told[:3000])


def columns(n=50):
    return {
        "user": pa.array(np.arange(n) % 7),
        "item": pa.array(np.arange(n) % 11),
        "rating": pa.array(np.arange(n) % 5 + 1),
    }


ODD = {
    "struct": pa.array([{"a": 1}] * 50),
    "list": pa.array([[1, 2]] * 50),
    "map": pa.array([[("a", 1)]] * 50, type=pa.map_(pa.string(), pa.int64())),
    "bytes": pa.array([b"\xff\xfe"] * 50),
}


@pytest.mark.parametrize("role", ["user", "item", "rating"])
@pytest.mark.parametrize("odd", ODD)
def test_a_parquet_column_of_an_odd_type_is_read_as_it_is_or_refused_in_one_sentence(tmp_path, kind, capsys, role, odd):
    pq.write_table(pa.table({**columns(), role: ODD[odd]}), tmp_path / "a.parquet")
    code = run_cli(["describe", "constant", "--data", str(tmp_path / "a.parquet")])
    told = capsys.readouterr().err
    kind.expect(code in (0, 2) and "Traceback" not in told, told)
    if code == 2:
        kind.expect(len([line for line in told.splitlines() if line.startswith("bench: ")]) == 1, told)
    else:
        kind.expect(role != "rating", "a rating that is no number was read")


def test_ids_from_2_to_the_63_on_stay_themselves(tmp_path, kind):
    ids = np.arange(50, dtype=np.uint64) % 7 + np.uint64(2**63)
    pq.write_table(pa.table({**columns(), "user": pa.array(ids)}), tmp_path / "a.parquet")
    ratings = load_dataset("a", path=tmp_path / "a.parquet", log=lambda line: None)
    kind.expect({str(one) for one in ratings.user_ids} == {str(one) for one in ids.tolist()}, ratings.user_ids)


def test_a_bad_cell_beside_a_field_without_end_is_named(tmp_path, kind, capsys):
    rows = [f"{row % 7},{row % 11},{row % 5 + 1}" for row in range(30_000)]
    rows[28_000] = f"{'x' * 140_000},2,four"
    (tmp_path / "a.csv").write_text("user,item,rating\n" + "\n".join(rows) + "\n")
    refused(kind, capsys, tmp_path / "a.csv", "rating 'four' is not a number")


def test_a_number_with_an_underscore_is_none(tmp_path, kind, capsys):
    rows = [f"{row % 7},{row % 11},{row % 5 + 1}" for row in range(200)]
    rows[150] = "1,2,4_0"
    (tmp_path / "a.csv").write_text("user,item,rating\n" + "\n".join(rows) + "\n")
    refused(kind, capsys, tmp_path / "a.csv", "rating '4_0' is not a number")


@pytest.mark.parametrize("cell", ["\x1b[2J\x1b]0;owned\x07", "a\0b", "\u202e4", "9" * 400_000])
def test_signs_and_lengths_of_a_cell_do_not_reach_the_terminal(tmp_path, kind, capsys, cell):
    rows = [f"{row % 7},{row % 11},{row % 5 + 1}" for row in range(200)]
    rows[150] = f"1,2,{cell}"
    (tmp_path / "a.csv").write_text("user,item,rating\n" + "\n".join(rows) + "\n")
    refused(kind, capsys, tmp_path / "a.csv", "")


@pytest.mark.parametrize("header", ["\x1b[2Jone", "x" * 400_000, "a\x07b"])
def test_signs_and_lengths_of_a_header_do_not_reach_the_terminal(tmp_path, kind, capsys, header):
    (tmp_path / "a.csv").write_text(f"{header},{header}2,{header}3\n" + "a,b,c\n" * 50)
    refused(kind, capsys, tmp_path / "a.csv", "")


def bomb(path, name, size=3 << 30):
    """A zip of some megabytes whose member unpacks to gigabytes of zeros."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open(name, "w", force_zip64=True) as member:
        block = b"0" * (1 << 24)
        for _ in range(size // len(block)):
            member.write(block)


def test_a_small_file_that_unpacks_to_far_more_is_refused_unread(tmp_path, kind, capsys, monkeypatch):
    from cfce.datasets.reading import source

    monkeypatch.setattr(source, "SMALL", 1 << 24)
    monkeypatch.setattr(source, "MOST_AT_ONCE", 1 << 20)
    bomb(tmp_path / "ratings.zip", "ratings.csv", 1 << 27)
    refused(kind, capsys, tmp_path / "ratings.zip", "unpacks to 134,217,728 bytes or more")
    with zipfile.ZipFile(tmp_path / "ml-100k.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ml-100k/u.item", b"1|a\n")
        archive.writestr("ml-100k/u.data", b"0" * (1 << 22))
    refused(kind, capsys, tmp_path / "ml-100k.zip", "unpacks to 4,194,304 bytes", "--dataset", "ml-100k")


@pytest.mark.faults
def test_four_megabytes_that_unpack_to_three_gigabytes_are_refused(tmp_path, kind, capsys):
    bomb(tmp_path / "ratings.zip", "ratings.csv")
    refused(kind, capsys, tmp_path / "ratings.zip", "unpacks to 3,221,225,472 bytes or more")


def test_an_archive_cut_anywhere_is_refused_or_whole(tmp_path, kind, capsys):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ratings.csv", "user,item,rating\n" + "".join(f"{i % 7},{i % 11},{i % 5 + 1}\n" for i in range(500)))
    content = packed.getvalue()
    for keep in range(0, len(content), max(1, len(content) // 20)):
        (tmp_path / "a.zip").write_bytes(content[:keep])
        code = run_cli(["describe", "constant", "--data", str(tmp_path / "a.zip")])
        told = capsys.readouterr().err
        kind.expect(code == 2 and "Traceback" not in told, (keep, told))
