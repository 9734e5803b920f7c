"""Anybody's ratings from CSV, TSV and Parquet, and the line of whatever is wrong in them."""

import csv

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cfce.datasets.table import read_table
from cfce.errors import UserError
from cfce.ratings import Ratings
from cfce.scale import RatingScale

FIVE = "u1,a,1\nu2,a,2\nu3,a,3\nu4,a,4\nu5,a,5\n"
"""Lines 2 to 6: each rating of the scale."""

text_ids = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=6).filter(str.strip)
rows = st.lists(st.tuples(text_ids, text_ids, st.sampled_from([1, 2, 3])), min_size=1, max_size=20)


@pytest.fixture
def write(tmp_path):
    def to(name: str, content: str, encoding: str = "utf-8"):
        path = tmp_path / name
        path.write_bytes(content.encode(encoding))
        return path

    return to


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".parquet"])
@given(rows)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_file_gives_what_its_columns_give(tmp_path, suffix, rows):
    """Quotes, delimiters and line breaks inside ids come through."""
    path = tmp_path / f"mine{suffix}"
    user, item, rating = (list(column) for column in zip(*rows, strict=True))
    if suffix == ".parquet":
        pq.write_table(pa.table({"user": user, "item": item, "rating": rating}), path)
    else:
        with open(path, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, delimiter=DELIMITERS[suffix], quoting=csv.QUOTE_ALL)
            writer.writerows([("user", "item", "rating"), *rows])
    scale = RatingScale((1, 2, 3))
    made = read_table(path, scale)
    assert made.name == "mine"
    assert made.fingerprint == Ratings.from_columns(user, item, rating, scale).fingerprint or all(
        one.isdigit() for one in user + item
    )
    assert [str(one) for one in made.user_ids[made.user - 1]] == user
    assert [str(one) for one in made.item_ids[made.item - 1]] == item


DELIMITERS = {".csv": ",", ".tsv": "\t"}


def test_columns_come_in_any_order_and_others_are_ignored(write):
    made = read_table(write("r.csv", "rating,when,item,user\r\n4,now,a,10\r\n3,,b,9\r\n"))
    assert made.user_ids.tolist() == [9, 10]  # whole numbers, so in their order and not in that of their digits
    assert made.user.tolist() == [2, 1]
    assert made.scale.values == (3, 4)


def test_ids_with_leading_zeros_stay_apart(write):
    assert read_table(write("r.csv", "user,item,rating\n007,a,1\n7,a,2\n")).user_ids.tolist() == ["007", "7"]


def test_words_that_mean_missing_elsewhere_are_ids(write):
    assert read_table(write("r.csv", "user,item,rating\nNA,null,1\nNaN,None,2\n")).user_ids.tolist() == ["NA", "NaN"]


def test_a_byte_order_mark_and_blank_lines_do_no_harm(write):
    made = read_table(write("r.csv", "\ufeffuser,item,rating\n\nu,a,1\n\nu,b,2\n\n"))
    assert len(made) == 2


def test_a_scale_may_be_named(write):
    assert read_table(write("r.csv", "user,item,rating\nu,a,1\nu,b,5\n"), RatingScale((1, 2, 3, 4, 5))).level.tolist() == [0, 4]


def test_halves_are_a_scale(write):
    assert read_table(write("r.csv", "user,item,rating\nu,a,0.5\nu,b,1\nu,c,1.50\nu,d,2.0\nu,e,2\n")).level.tolist() == [
        0,
        1,
        2,
        3,
        3,
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("u6,a,", "the rating is blank; every rating needs"),
        ("u6,a, ", "the rating is blank; every rating needs"),
        ("u6,,4", "the item is blank; every rating needs"),
        (",a,4", "the user is blank; every rating needs"),
        ("u6,a,good", "rating 'good' is not a number"),
        ("u6,a,nan", "rating 'nan' is not a number"),
        ("u6,a,inf", "rating 'inf' is not a number"),
        ("u6,a,9", "rating 9 came, but the others are 1, 2, 3, 4, 5 and a scale has equal steps"),
        ("u6,a,-1", "rating -1 came, but the others are 1, 2, 3, 4, 5 and a scale has equal steps"),
        ("u6,a,4.7", "rating 4.7 came, but the others are 1, 2, 3, 4, 5 and a scale has equal steps"),
    ],
)
def test_a_wrong_line_is_named(write, line, message):
    """The lines before hold a blank line and a quoted line break, so that lines are not rows."""
    path = write("r.csv", f'user,item,rating\n{FIVE}\nu1,"b\nc",3\n{line}\nu7,a,3\n')
    with pytest.raises(UserError) as error:
        read_table(path)
    assert str(error.value).startswith(f"'{path}', line 10: {message}")


def test_the_first_of_several_wrong_lines_is_named(write):
    with pytest.raises(UserError, match=r"r\.csv', line 3: the rating is blank"):
        read_table(write("r.csv", "user,item,rating\nu,a,1\nu,b,\nu,c,\nu,d,2\n"))


def test_a_rating_off_a_named_scale_is_named(write):
    with pytest.raises(UserError, match=r"r\.csv', line 3: rating 6 is not on the scale; allowed: 1, 2, 3, 4, 5"):
        read_table(write("r.csv", "user,item,rating\nu,a,1\nu,b,6\n"), RatingScale((1, 2, 3, 4, 5)))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("user,item,stars\nu,a,1\n", "has the columns user, item, stars; it needs each of user, item and rating once"),
        ("user,user,item,rating\nu,u,a,1\n", ".*; it needs each of user, item and rating once, so mend the column user$"),
        ("", r"has the columns \(none\)"),
        ("user,item,rating\n", "has no ratings below its header"),
        ("user,item,rating\nu,a,4\n", "has 1 distinct ratings; a rating scale has 2 to 256 values"),
        (
            "user,item,rating\nu,Casablanca, The,4\n",
            r"cannot be read as csv \(CSV parse error: Row #2: Expected 3 columns, got 4",
        ),
    ],
)
def test_a_file_of_another_shape_is_refused(write, content, message):
    with pytest.raises(UserError, match=rf"r\.csv' {message}"):
        read_table(write("r.csv", content))


def test_other_encodings_are_refused(write):
    with pytest.raises(UserError, match="invalid UTF8"):
        read_table(write("r.csv", "user,item,rating\nu,Misérables,4\nu,b,3\n", "latin-1"))


def test_more_than_256_distinct_ratings_are_refused(write):
    lines = "".join(f"u,i{number},{number}\n" for number in range(257))
    with pytest.raises(UserError, match="has 257 distinct ratings"):
        read_table(write("r.csv", "user,item,rating\n" + lines))


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        ({"user": [1, 2], "item": ["a", None], "rating": [1, 2]}, "row 2: the item is blank"),
        ({"user": [1, 2], "item": ["a", "b"], "rating": [1.0, float("nan")]}, "row 2: the rating is blank"),
        ({"user": [1, 2], "item": ["a", "b"], "rating": ["1", "two"]}, "row 2: rating 'two' is not a number"),
        ({"user": [1, 2], "item": ["a", "b"]}, "has the columns user, item; it needs"),
    ],
)
def test_a_wrong_row_of_a_parquet_file_is_named(tmp_path, frame, message):
    path = tmp_path / "r.parquet"
    pd.DataFrame(frame).to_parquet(path)
    with pytest.raises(UserError, match=rf"r\.parquet'(, | ){message}"):
        read_table(path)


def test_ids_in_parquet_keep_their_type(tmp_path):
    path = tmp_path / "r.parquet"
    pd.DataFrame({"user": np.array([300, 7], np.int16), "item": pd.Categorical(["b", "a"]), "rating": [1, 2]}).to_parquet(path)
    made = read_table(path)
    assert made.user_ids.tolist() == [7, 300]
    assert made.item_ids.tolist() == ["a", "b"]
    assert made.user.tolist() == [2, 1]


def test_a_damaged_parquet_file_is_refused(tmp_path):
    path = tmp_path / "r.parquet"
    path.write_bytes(b"PAR1 and then nothing of the kind")
    with pytest.raises(UserError, match=r"cannot be read as parquet \(.*\); mend the file"):
        read_table(path)


def test_a_file_that_may_not_be_read_is_refused(tmp_path):
    with pytest.raises(UserError, match=r"cannot be read \(No such file or directory\)"):
        read_table(tmp_path / "r.csv")


def test_a_rating_needs_no_strings_of_its_own(write):
    """Ids are kept once: 200,000 rows of 40-letter ids leave 9 bytes a rating beside them."""
    lines = "".join(f"{'u' * 40}{number % 50},{'i' * 40}{number % 7},{1 + number % 5}\n" for number in range(200_000))
    made = read_table(write("r.csv", "user,item,rating\n" + lines))
    assert made.user.nbytes + made.item.nbytes + made.level.nbytes == 9 * 200_000
    assert (len(made.user_ids), len(made.item_ids)) == (50, 7)
