"""Where a file can be read in two ways, the flag that decides is asked for; where it can be read in one, it is."""

import pytest

from cfce.datasets.reading.options import Columns, Levels, ReadingOptions
from cfce.errors import UserError
from cfce.scale import RatingScale


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "1,2,3,4,5,x\n2,3,3,4,5,x\n",
            r"has 6 columns and no header; say which are the user, the item and the rating \(--columns user=1",
        ),
        (
            "who,game,rating,likes,x\na,b,1,3,4\n",
            r"has the columns who, game, rating, likes, x; say which is the user \(--columns user=",
        ),
        (
            "who,game,rating,likes\na,b,1,3\n",
            "has the columns who, game, rating, likes, but the fourth column holds '3', which is no time",
        ),
        ("user_id,x,y,stars\na,b,1,3\n", r"say which is the item \(--columns item=NAME\)"),
        ("userId,user_id,item,rating\nc,d,5,2\n", r"has the columns 'userId', 'user_id'; name the one that is the user"),
        ("u,i,5,7\nu,j,4,8\n", "the fourth column holds '7', which is no time"),
        ("u,i,good\nu,j,bad\n", "the third column holds 'good', which is no rating"),
        ("u,i,1381006850\nu,j,1381006851\n", "the third column holds '1381006850', which looks like a time"),
        ("1,2\n1,3\n", "has 2 columns and no header"),
        ("user,item,rating\nu,Casablanca, The,4\n", "line 2: 4 fields came, but the lines before have 3; put a field that holds"),
        (
            "user,item,rating\nu,i,4\nu,j\n",
            "line 3: 2 fields came, but the lines before have 3; complete the line, or",
        ),
        ("user,item,rating\nu,i,4\nu\n", "line 3: 1 field came, but the lines before have 3; complete the line, or remove it$"),
        ("", "is empty"),
        ("\n\n", "is empty"),
        ("# nothing\n", "has no rows below its comments"),
        ("user,item,rating\n", "has no ratings below its header"),
        ('[{"user": 1}]', r"is one JSON array; write one object a line"),
        ('{"user": 1,\n', "line 1 is no JSON object"),
        ('{"user": 1, "rating": 2}\n', "has the columns user, rating; say which is the item"),
    ],
)
def test_a_doubt_is_said_with_the_flag_that_ends_it(write, read, content, message):
    with pytest.raises(UserError, match=message):
        read(write("r.txt", content))


def test_two_separators_that_fit_are_a_doubt(write, read):
    """By semicolons the ratings are 1,2 and 3,4 with decimal commas; by commas they are 'd;1' and 'd;3', if numbers may be so."""
    path = write("r.txt", "a,b;c,d;1,2\na,b;c,d;3,4\n")
    with pytest.raises(UserError, match=r"may be separated by semicolons or commas; say which it is \(--separator\)"):
        read(path, columns=Columns("1", "2", "3"))
    assert read(path, columns=Columns("1", "2", "3"), separator=";").scale.values == (1.2, 3.4)


@pytest.mark.parametrize(
    ("content", "how"),
    [
        ("1,2;3,4;5,6\n1,2;3,5;6,6\n", {"separator": ";"}),
        ("9,u,i,5\n8,u,j,6\n", {"columns": Columns("2", "3", "4")}),
        ("u,i,5,7\nu,j,6,8\n", {"columns": Columns("1", "2", "3")}),
        ("1,2,5\n1,3,6\n", {"header": False}),
    ],
)
def test_the_flag_ends_the_doubt(write, read, content, how):
    assert len(read(write("r.txt", content), **how)) == 2


def test_a_decimal_comma_is_read_where_commas_do_not_separate(write, read):
    assert read(write("r.csv", "user;item;rating\nu;a;2,5\nu;b;3\nu;c;3,5\n")).scale.values == (2.5, 3, 3.5)


@pytest.mark.parametrize("header", ["a,b,c", "Nutzer,Film,Note"])
def test_a_word_above_numbers_is_a_header(write, read, header):
    assert len(read(write("r.csv", f"{header}\n1,2,3\n1,3,4\n"))) == 2


def test_without_a_header_the_first_line_is_a_row(write, read):
    assert len(read(write("r.csv", "ann,tea,3\nbob,tea,4\n"))) == 2


def test_a_first_line_that_is_called_a_row_is_checked_as_one(write, read):
    with pytest.raises(UserError, match=r"r\.csv', line 1: rating 'rating' is not a number"):
        read(write("r.csv", "user,item,rating\n1,2,3\n"), header=False, columns=Columns("1", "2", "3"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_an_encoding_is_found(write, read_said, encoding):
    text = "user,item,rating\nJosé,a,1\nAnn,a,2\n"
    ratings, said = read_said(write("r.csv", text, encoding))
    assert ratings.user_ids.tolist() == ["Ann", "José"]
    assert ("latin-1" in said[0]) == (encoding == "latin-1")


def test_a_late_byte_that_is_not_utf_8_is_found_too(write, read):
    """The first block of four megabytes is ASCII."""
    text = "user,item,rating\n" + "".join(f"user{number:08},item,{1 + number % 2}\n" for number in range(250_000)) + "José,a,1\n"
    assert read(write("r.csv", text, "latin-1")).user_ids[0] == "José"


def test_an_encoding_that_is_named_is_used_and_a_wrong_one_refused(write, read):
    path = write("r.csv", "user,item,rating\nŁukasz,a,1\nAnn,a,2\n", "cp1250")
    assert read(path, encoding="cp1250").user_ids.tolist() == ["Ann", "Łukasz"]
    with pytest.raises(UserError, match=r"is not text in UTF-8; name its encoding \(--encoding latin-1\)"):
        read(path, encoding="utf-8")
    with pytest.raises(UserError, match="holds zero bytes, so it is not text in UTF-8; name its encoding"):
        read(write("z.csv", "user,item,rating\n1,2,3\n", "utf-16-le"))


def test_times_of_no_known_form_are_left_out_and_said(write, read_said):
    ratings, said = read_said(write("r.csv", "user,item,rating,date\nu,a,1,3rd of May\nu,b,2,4th of May\n"))
    assert ratings.timestamp is None
    assert "date is left out, since '3rd of May' is no time that is read" in said[0]
    ratings, _ = read_said(write("r.csv", "user,item,rating,date\nu,a,1,3\nu,b,2,4\n"), columns=Columns(timestamp="none"))
    assert ratings.timestamp is None


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("r.csv", "user,item,rating,timestamp\nu,a,1,2024-01-02\nu,b,2,1704189600\nu,c,3,2024-01-03\n"),
        (
            "r.jsonl",
            '{"user":1,"item":1,"rating":1,"timestamp":1704189600}\n{"user":1,"item":2,"rating":2,"timestamp":"2024-01-02"}\n',
        ),
    ],
)
def test_dates_mixed_with_numbers_are_refused(write, read, name, content):
    with pytest.raises(
        UserError, match="timestamp, the timestamp, mixes dates and numbers, such as '2024-01-02' and '1704189600'"
    ):
        read(write(name, content))
    assert read(write(name, content), columns=Columns(timestamp="none")).timestamp is None


def test_parts_are_read(write, read):
    text = "user,item,rating,part\nu,a,1,train\nu,b,2,Test\nu,c,2,validation\n"
    assert read(write("r.csv", text)).labels["part"].tolist() == [0, 2, 1]
    with pytest.raises(UserError, match=r"r\.csv', line 3: the part 'dev' came; allowed: train, valid, test"):
        read(write("r.csv", text.replace("Test", "dev")))
    assert read(write("r.csv", text.replace("Test", "dev")), columns=Columns(part="none")).labels == {}


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Columns.parse("user"), "'user' in the columns 'user' is no pair"),
        (lambda: Columns.parse("usr=1"), r"unknown column 'usr' \(did you mean 'user'\?\)"),
        (lambda: Columns.parse("user=1,user=2"), "name user twice"),
        (lambda: Levels.parse("ten"), "the levels 'ten' came; they are a number, such as 10, or 10:quantile"),
        (lambda: Levels.parse("1"), "1 levels came"),
        (lambda: Levels.parse("10:deciles"), "unknown way of binning 'deciles'"),
        (lambda: ReadingOptions(separator="ab"), "the separator 'ab' came"),
        (lambda: ReadingOptions(encoding="utf-88"), "unknown encoding 'utf-88'"),
        (lambda: ReadingOptions(min_user_ratings=0), "min_user_ratings 0 came"),
        (lambda: ReadingOptions(duplicates="first"), "unknown way with duplicates 'first'"),
        (lambda: ReadingOptions(scale=RatingScale((1, 2)), levels=Levels(3)), "a scale and levels came"),
    ],
)
def test_options_that_cannot_be_are_refused(make, message):
    with pytest.raises(UserError, match=message):
        make()


def test_a_column_that_is_not_there_is_named(write, read):
    with pytest.raises(UserError, match="has no column 'who' for the user; it has the columns user, item, rating"):
        read(write("r.csv", "user,item,rating\n1,2,3\n"), columns=Columns(user="who"))
    with pytest.raises(
        UserError, match="has no column '4' for the rating; it has 3 columns and no header, and numbers count from 1"
    ):
        read(write("r.csv", "1,2,3\n1,3,4\n"), columns=Columns(rating="4"))
