"""Quotes and signs of comments that are letters of ids: no row is lost to them, and lines that are left out are told."""

import pytest

from cfce.datasets.reading import batches, lines
from cfce.datasets.reading.options import Columns
from cfce.errors import UserError

MANY = 18_000
"""Rows that fill more than the first bytes, from which the layout is found."""


def rows(separator: str, *more: str, n: int = MANY) -> str:
    made = [f"user{number}\titem\t{1 + number % 2}" for number in range(n)]
    return "\n".join([*made, *more, ""]).replace("\t", separator)


@pytest.mark.parametrize("separator", ["\t", ";", "|", ","])
def test_a_quote_that_is_not_closed_on_its_line_is_a_letter(write, read, rows_of, separator):
    text = 'user\titem\trating\n1\t"Heroes\t5\n2\tLow\t4\n3\t"Weird\t3\n4\t"" x\t2\n5\ty\t1\n'
    assert rows_of(read(write("r.txt", text.replace("\t", separator)))) == [
        (1, '"Heroes', 5),
        (2, "Low", 4),
        (3, '"Weird', 3),
        (4, '"" x', 2),
        (5, "y", 1),
    ]


@pytest.mark.parametrize("separator", ["\t", ";", ","])
def test_quotes_far_down_that_would_hold_whole_rows_are_refused(write, read, separator):
    text = rows(separator, '1\t"Heroes\t1', "2\tLow\t2", '3\t"Weird\t1')
    with pytest.raises(UserError, match=r"r\.txt', line 1800[13]: .*Heroes' .*; remove quotes that open fields"):
        read(write("r.txt", text), header=False)


def test_quotes_of_a_column_that_is_not_read_lose_no_rows_either(write, read):
    """A review may hold a tab: its next line has not as many as a row."""
    made = [f'{number}\titem\t{1 + number % 2}\t"a\tb"' for number in range(MANY)]
    made += ['x\titem\t1\t"two\nlines\tor more"', 'y\titem\t2\t""""']
    columns = Columns("1", "2", "3")
    assert len(read(write("r.tsv", "\n".join([*made, ""])), header=False, columns=columns)) == MANY + 2
    made += ['z\titem\t1\t"Great', 'w\titem\t2\t"Good']
    with pytest.raises(UserError, match=rf"r\.tsv', line {MANY + 4}: the quote before 'Great' is not closed on its line"):
        read(write("r.tsv", "\n".join([*made, ""])), header=False, columns=columns)


def test_line_breaks_between_quotes_come_through_a_file_of_several_blocks(write, read, monkeypatch):
    """A block ends at the end of a line, which may be in the midst of a row."""
    for module in (lines, batches):
        monkeypatch.setattr(module, "BLOCK", 1 << 11)
    text = "user,item,rating,review\n" + "".join(f'{k},i,{1 + k % 2},"{"good " * 10}\n{k}"\n' for k in range(2000))
    assert len(read(write("r.csv", text))) == 2000


def test_the_first_bytes_may_end_between_quotes(write, read):
    """A file is looked at up to the end of a line, which is the end of a row in one of four, and not here."""
    text = "user,item,review,rating\n" + "".join(f'{k},i,"two\nor\nthreexx\nlines",{1 + k % 2}\n' for k in range(9_000))
    assert len(read(write("r.csv", text))) == 9_000


@pytest.mark.parametrize(
    ("text", "found", "left_out"),
    [
        ("#1,a,5\n#2,a,4\n3,a,3\n4,a,2\n", [(3, "a", 3), (4, "a", 2)], "2 lines left out as comments"),
        ("#1,a,5\n2,a,4\n#2,b,3\n", [("#1", "a", 5), ("2", "a", 4), ("#2", "b", 3)], None),
        ("#1,a,5\n%2,a,4\n", [("#1", "a", 5), ("%2", "a", 4)], None),
        ("#mine\n# of,three,2024\n#1,a,5\n%2,a,4\n", [("#1", "a", 5), ("%2", "a", 4)], "2 lines left out as comments"),
        ("# MovieLens user ratings\n1 25 3\n2 25 4\n", [(1, 25, 3), (2, 25, 4)], "1 line left out as a comment"),
        ("#item,user,rating\n10,1,5\n11,2,4\n", [(1, 10, 5), (2, 11, 4)], None),
        ("# item,user,rating\n10,1,5\n11,2,4\n", [(1, 10, 5), (2, 11, 4)], None),
        ("#item,user,rating\n#10,1,5\n11,2,4\n12,1,3\n", [(2, 11, 4), (1, 12, 3)], "1 line left out as a comment"),
        ("#item,user,rating\n#10,1,5\n11,2,4\n#12,1,3\n", [(1, "#10", 5), (2, "11", 4), (1, "#12", 3)], None),
        ("# item user rating\n10 1 5\n11 2 4\n", [(1, 10, 5), (2, 11, 4)], None),
        ("# by me\n#item,user,rating\n10,1,5\n11,2,4\n", [(1, 10, 5), (2, 11, 4)], "1 line left out as a comment"),
        ("#by,me,2024\nitem,user,rating\n10,1,5\n11,2,4\n", [(1, 10, 5), (2, 11, 4)], "1 line left out as a comment"),
        ("# mine\n1\t2\t5\n1\t3\t4\n", [(1, 2, 5), (1, 3, 4)], "1 line left out as a comment"),
    ],
)
def test_a_leading_sign_begins_a_comment_a_header_or_an_id(write, read_said, rows_of, text, found, left_out):
    """A comment names no columns, and no id below begins with a sign; what is left out is told."""
    ratings, said = read_said(write("r.txt", text))
    assert rows_of(ratings) == found
    assert (left_out or "") in said[0]
    assert ("left out" in said[0]) == (left_out is not None)


def test_a_header_behind_a_sign_is_found_by_the_names_that_are_asked_for(write, read, rows_of):
    path = write("r.csv", "#what,who,how\ntea,ann,5\ntea,bob,4\n")
    assert rows_of(read(path, columns=Columns.parse("user=who,item=what,rating=how"))) == [("ann", "tea", 5), ("bob", "tea", 4)]


def test_without_a_header_a_row_behind_a_sign_is_a_comment(write, read, rows_of):
    assert rows_of(read(write("r.csv", "#a,b,c\n10,1,5\n11,2,4\n"), header=False)) == [(10, 1, 5), (11, 2, 4)]
