"""A row that is not a rating is named by its line, and files that are no ratings are refused."""

import numpy as np
import pandas as pd
import pytest

from cfce.errors import UserError
from cfce.scale import RatingScale

FIVE = "u1,a,1\nu2,a,2\nu3,a,3\nu4,a,4\nu5,a,5\n"
"""Lines 2 to 6: each rating of the scale."""


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
        ("u6,a,1_0", "rating '1_0' is not a number"),
        ('u6,a,"1,5"', "rating '1,5' is not a number"),
        ("u6,a,9", "rating 9 came, but the others are 1, 2, 3, 4, 5 and a scale has equal steps"),
        ("u6,a,-1", "rating -1 came, but the others are 1, 2, 3, 4, 5 and a scale has equal steps"),
        ("u6,a,4.7", "rating 4.7 came, but the others are 1, 2, 3, 4, 5 and a scale has equal steps"),
    ],
)
def test_a_wrong_line_is_named(write, read, line, message):
    """The lines before hold a blank line and a quoted line break, so that lines are not rows."""
    path = write("r.csv", f'user,item,rating\n{FIVE}\nu1,"b\nc",3\n{line}\nu7,a,3\n')
    with pytest.raises(UserError) as error:
        read(path)
    assert str(error.value).startswith(f"'{path}', line 10: {message}")


@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        ("r.dat", "1::2::3\n1::3::x\n1::4::4\n", 2),
        ("r.txt", "# comment\n\n1 2 3\n\n 1 3  x\n1 4 4\n", 5),
        ("r.jsonl", '{"user": 1, "item": 2, "rating": "3"}\n\n{"user": 1, "item": 3, "rating": "x"}\n', 3),
        ("r.csv", "user,item,rating,timestamp\n1,2,3,1400000000\n1,3,4,17e\n", 3),
    ],
)
def test_a_wrong_line_is_named_in_every_layout(write, read, name, content, line):
    with pytest.raises(UserError, match=rf"{name}', line {line}: (rating 'x' is not a number|the timestamp is '17e')"):
        read(write(name, content))


def test_the_first_of_several_wrong_lines_is_named(write, read):
    with pytest.raises(UserError, match=r"r\.csv', line 3: the rating is blank"):
        read(write("r.csv", "user,item,rating\nu,a,1\nu,b,\n,c,\nu,d,2\n"))


def test_a_rating_off_a_named_scale_is_named(write, read):
    path = write("r.csv", "user,item,rating\nu,a,1\nu,b,6\n")
    with pytest.raises(UserError, match=r"r\.csv', line 3: rating 6 is not on the scale; allowed: 1, 2, 3, 4, 5"):
        read(path, scale=RatingScale.parse("1:5"))


def test_a_wrong_line_far_down_is_named(write, read):
    """Beyond the first block of four megabytes."""
    text = "user,item,rating\n" + "".join(f"user{number:08},item,{1 + number % 2}\n" for number in range(300_000)) + "u,i,x\n"
    with pytest.raises(UserError, match=r"r\.csv', line 300002: rating 'x' is not a number"):
        read(write("r.csv", text))


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("u,i,j,1", "4 fields came in 'u,i,j,1', but the lines before have 3; put a field that holds a separator between quotes"),
        ("u,i", "2 fields came in 'u,i', but the lines before have 3; complete the line, or remove it$"),
        ("u", "1 field came in 'u', but the lines before have 3; complete the line, or remove it$"),
    ],
)
def test_a_line_of_other_length_far_down_is_refused(write, read, line, message):
    text = "user,item,rating\n" + "".join(f"user{number:08},item,{1 + number % 2}\n" for number in range(20_000)) + f"{line}\n"
    with pytest.raises(UserError, match=rf"r\.csv': {message}"):
        read(write("r.csv", text))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "user,item,rating\nu,a,4\n",
            "is 4, and of ratings that are all alike nothing can be learnt; name a column",
        ),
        (
            "user,item,rating\n" + "".join(f"u,i{n},{n}\n" for n in range(257)),
            r"has 257 distinct ratings; .*so bin them \(--levels 10",
        ),
        (
            "user,item,rating\n" + "".join(f"u,i{n},{n * n}\n" for n in range(9)),
            "has 9 distinct ratings without equal steps, from 0 to 64",
        ),
    ],
)
def test_ratings_without_a_scale_are_refused(write, read, content, message):
    with pytest.raises(UserError, match=rf"r\.csv' {message}"):
        read(write("r.csv", content))


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        ({"user": [1, 2], "item": ["a", None], "rating": [1, 2]}, "row 2: the item is blank"),
        ({"user": [1, 2], "item": ["a", "b"], "rating": [1.0, float("nan")]}, "row 2: the rating is blank"),
        ({"user": [1, 2], "item": ["a", "b"], "rating": ["1", "two"]}, "row 2: rating 'two' is not a number"),
        ({"user": [1, np.nan], "item": ["a", "b"], "rating": [1, 2]}, "row 2: the user is blank"),
        ({"user": [1, 2], "item": ["a", "b"]}, "has the columns user, item; say which is the rating"),
    ],
)
def test_a_wrong_row_of_a_parquet_file_is_named(tmp_path, read, frame, message):
    path = tmp_path / "r.parquet"
    pd.DataFrame(frame).to_parquet(path)
    with pytest.raises(UserError, match=rf"r\.parquet'(, | ){message}"):
        read(path)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (" ,5,4", "the user is blank; every rating needs"),
        ("dan,5,1_0", "b holds '1_0', which is not a number; name the value of no rating"),
        ("dan,good,4", "a holds 'good', which is not a number; name the value of no rating"),
    ],
)
def test_a_wrong_line_of_a_matrix_is_named(write, read, line, message):
    """Lines are not cells: the lines before have five ratings, one is blank, and one has none."""
    path = write("m.csv", f"user,a,b\nann,5,4\nbob,NaN,3\n\ncas,2,1\nnone,,\n{line}\n")
    with pytest.raises(UserError, match=rf"m\.csv', line 7: {message}"):
        read(path, wide=True)


def test_a_damaged_parquet_file_is_refused(write, read):
    with pytest.raises(UserError, match=r"cannot be read as Parquet \(.*\); mend the file"):
        read(write("r.parquet", b"PAR1 and then nothing of the kind"))


def test_a_file_that_is_not_there_is_refused(tmp_path, read):
    with pytest.raises(UserError, match=r"r\.csv' does not exist; pass a file of ratings, a folder or a zip"):
        read(tmp_path / "r.csv")


def test_a_rating_needs_no_strings_of_its_own(write, read):
    """Ids are kept once: 200,000 rows of 40-letter ids leave 9 bytes a rating beside them."""
    lines = "".join(f"{'u' * 40}{number % 50},{'i' * 40}{number % 7},{1 + number % 5}\n" for number in range(200_000))
    made = read(write("r.csv", "user,item,rating\n" + lines))
    assert made.user.nbytes + made.item.nbytes + made.level.nbytes == 9 * 200_000
    assert (len(made.user_ids), len(made.item_ids)) == (50, 7)
