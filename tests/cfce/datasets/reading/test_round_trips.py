"""What is written in any of the formats is read back: rows, ids and times, whatever is in them."""

import csv
import gzip
import io
import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cfce.datasets.reading.options import Columns
from cfce.ratings import Ratings
from cfce.scale import RatingScale

SCALE = RatingScale((1, 2, 3))
fixtures = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
letters = st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff")
text_ids = st.text(letters, min_size=1, max_size=6).filter(str.strip)
word_ids = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=6)


def rows(ids):
    return st.lists(st.tuples(ids, ids, st.sampled_from([1, 2, 3]), st.integers(10**8, 2 * 10**9)), min_size=1, max_size=20)


def canonical(ids: list[str]) -> list[str]:
    """Ids as they come back: those that are all whole numbers lose blanks and a fraction of zeros."""
    made = Ratings.from_columns(ids, ids, [1] * len(ids), SCALE)
    return [str(one) for one in made.user_ids[made.user - 1]]


def same_ids(found, ids) -> bool:
    found = [str(one) for one in found]
    if found == ids:
        return True
    numbers = [one.strip() for one in ids]
    return [one.split(".")[0] for one in numbers] == found


@pytest.mark.parametrize("separator", [",", "\t", ";", "|"])
@given(rows(text_ids))
@fixtures
def test_quoted_text_with_any_separator(tmp_path, read, separator, rows):
    """Quotes, separators and line breaks inside ids come through."""
    path = tmp_path / "mine.csv"
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=separator, quoting=csv.QUOTE_ALL)
        writer.writerows([("user", "item", "rating", "timestamp"), *rows])
    made = read(path, scale=SCALE, separator=separator)
    assert made.name == "mine"
    assert same_ids(made.user_ids[made.user - 1], [row[0] for row in rows])
    assert same_ids(made.item_ids[made.item - 1], [row[1] for row in rows])
    assert (made.level + 1).tolist() == [row[2] for row in rows]
    assert made.timestamp.tolist() == [row[3] for row in rows]


@pytest.mark.parametrize("separator", ["::", " ", ","])
@given(rows(word_ids), st.booleans())
@fixtures
def test_plain_text_without_a_header(tmp_path, read, separator, rows, packed):
    path = tmp_path / ("mine.dat.gz" if packed else "mine.dat")
    text = "".join(separator.join(map(str, row)) + "\n" for row in rows).encode()
    path.write_bytes(gzip.compress(text) if packed else text)
    made = read(path, scale=SCALE, header=False)
    assert same_ids(made.user_ids[made.user - 1], [row[0] for row in rows])
    assert same_ids(made.item_ids[made.item - 1], [row[1] for row in rows])
    assert (made.level + 1).tolist() == [row[2] for row in rows]
    assert made.timestamp.tolist() == [row[3] for row in rows]


@given(rows(text_ids))
@fixtures
def test_json_lines_and_parquet(tmp_path, read, rows):
    names = ("user", "item", "rating", "timestamp")
    lines, table = tmp_path / "mine.jsonl", tmp_path / "mine.parquet"
    lines.write_text("".join(json.dumps(dict(zip(names, row, strict=True))) + "\n" for row in rows), encoding="utf-8")
    pq.write_table(pa.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))), table)
    for path in (lines, table):
        made = read(path, scale=SCALE)
        assert same_ids(made.user_ids[made.user - 1], [row[0] for row in rows])
        assert same_ids(made.item_ids[made.item - 1], [row[1] for row in rows])
        assert (made.level + 1).tolist() == [row[2] for row in rows]
        assert made.timestamp.tolist() == [row[3] for row in rows]


@pytest.mark.parametrize(
    ("ids", "found"),
    [
        (pa.array([29.0, 7.0]), [29, 7]),
        (pa.array([29.0, 7.5]), ["29", "7.5"]),
        (pa.array([300, 7], pa.int16()), [300, 7]),
        (pa.array([2**63 + 1, 7], pa.uint64()), [str(2**63 + 1), "7"]),
        (pa.array(["007", "7"]), ["007", "7"]),
        (pa.array(["29.0", "7.0"]), [29, 7]),
        (pa.array(["b", "a"]).dictionary_encode(), ["b", "a"]),
        (pa.array([b"b", b"a"]), ["b", "a"]),
        (pa.array([True, False]), ["True", "False"]),
    ],
)
def test_ids_of_any_type_are_ints_or_text_that_every_format_keeps(tmp_path, read, ids, found):
    """What is read is written as CSV and as Parquet, read again by pandas, and is the same text each time."""
    path = tmp_path / "r.parquet"
    pq.write_table(pa.table({"user": ids, "item": ids, "rating": [1, 2]}), path)
    made = read(path)
    mine = made.user_ids[made.user - 1].tolist()
    assert mine == found
    frame = pd.DataFrame({"user": made.user_ids[made.user - 1]})
    assert pd.read_csv(io.StringIO(frame.to_csv(index=False)), dtype=str)["user"].tolist() == [str(one) for one in found]
    again = io.BytesIO()
    frame.to_parquet(again, index=False)
    assert [str(one) for one in pd.read_parquet(again)["user"]] == [str(one) for one in found]


@pytest.mark.parametrize("index", [pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64(), pa.int8()])
def test_every_column_may_be_a_dictionary_with_indices_of_any_type(tmp_path, read, rows_of, index):
    path = tmp_path / "r.parquet"
    columns = {"user": ["a", "b"], "item": [7, 9], "rating": [1, 2], "timestamp": [3, 4], "part": ["train", "test"]}
    pq.write_table(
        pa.table({name: pa.DictionaryArray.from_arrays(pa.array([0, 1, 1], index), values) for name, values in columns.items()}),
        path,
    )
    made = read(path)
    assert rows_of(made) == [("a", 7, 1), ("b", 9, 2), ("b", 9, 2)]
    assert (made.timestamp.tolist(), made.labels["part"].tolist()) == ([3, 4, 4], [0, 2, 2])


NO_ENDS = "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
"""Signs that end a line for Python's ``str.splitlines`` and for no reader of these formats."""


@pytest.mark.parametrize("separator", [",", "\t", "::", " "])
@pytest.mark.parametrize("sign", NO_ENDS)
def test_no_sign_but_a_return_or_a_line_feed_ends_a_line(write, read, rows_of, separator, sign):
    """In the comment it would move the first row, and in an id the end of its line."""
    lines = [["a", f"x{sign}y", "1"], ["b", "z", "2"], ["c", "z", "3"]]
    text = f"# mine{sign}\r\n" + "".join(separator.join(line) + "\r\n" for line in lines)
    assert rows_of(read(write("r.txt", text))) == [("a", f"x{sign}y", 1), ("b", "z", 2), ("c", "z", 3)]


@pytest.mark.parametrize("sign", "\x85\u2028\u2029")
def test_a_line_of_json_ends_in_a_line_feed_alone(write, read, rows_of, sign):
    text = "".join(f'{{"user": "{user}", "item": "x{sign}y", "rating": {user}}}\n' for user in (1, 2, 3))
    assert rows_of(read(write("r.jsonl", text))) == [(1, f"x{sign}y", 1), (2, f"x{sign}y", 2), (3, f"x{sign}y", 3)]


def test_words_that_mean_missing_elsewhere_are_ids(write, read):
    assert read(write("r.csv", "user,item,rating\nNA,null,1\nNaN,None,2\n")).user_ids.tolist() == ["NA", "NaN"]


def test_the_columns_of_a_data_frame_come_in_any_order_and_others_are_ignored(write, read, rows_of):
    made = read(write("r.csv", "rating,when,item,user\r\n4,now,a,10\r\n3,,b,9\r\n"))
    assert rows_of(made) == [(10, "a", 4), (9, "b", 3)]
    assert made.user_ids.tolist() == [9, 10]  # whole numbers, so in their order and not in that of their digits


def test_parquet_has_times_as_numbers_or_as_times(tmp_path, read):
    times = pd.to_datetime(["2020-01-01 00:00:01.5", "1969-12-31 23:59:59.0"])
    for column in (times, times.tz_localize("UTC"), [1577836801, -1], [1577836801.5, -1.0]):
        path = tmp_path / "r.parquet"
        pd.DataFrame({"user": [1, 2], "item": [1, 2], "rating": [1, 2], "timestamp": column}).to_parquet(path)
        assert read(path).timestamp.tolist() == [1577836801, -1]


def test_float32_ratings_of_parquet_are_the_decimals_that_they_stand_for(tmp_path, read):
    path = tmp_path / "r.parquet"
    pd.DataFrame({"user": [1, 2, 3], "item": [1, 2, 3], "rating": np.array([0.1, 0.2, 0.3], np.float32)}).to_parquet(path)
    assert read(path).scale.values == (0.1, 0.2, 0.3)
    assert read(path, scale=RatingScale((0.1, 0.2, 0.3, 0.4))).level.tolist() == [0, 1, 2]


def test_columns_are_named_where_their_names_are_not_usual(write, read, rows_of):
    path = write("r.csv", "who,what,how\nann,tea,2\nbob,tea,1\n")
    assert rows_of(read(path, columns=Columns.parse("user=who,item=what,rating=how"))) == [("ann", "tea", 2), ("bob", "tea", 1)]
    path = write("n.csv", "9,2,ann,0,tea\n9,1,bob,0,tea\n")
    assert rows_of(read(path, columns=Columns.parse("user=3,item=5,rating=2"))) == [("ann", "tea", 2), ("bob", "tea", 1)]
