"""Small made-up files in the layouts that people publish: each is read as it is, with the right users, items, ratings, times."""

import gzip
import json
import zipfile

import pytest

from cfce.datasets.reading.options import Levels
from cfce.errors import UserError

JESTER = """3,-7.82,99,8.79,-9.66
1,99,4.08,99,99
4,0.5,-9.95,1.25,2.0
"""


def json_lines(keys, *rows) -> str:
    return "".join(json.dumps(dict(zip(keys, row, strict=True))) + "\n" for row in rows)


LAYOUTS = {
    "MovieLens latest": (
        "ml-latest/ratings.csv",
        "userId,movieId,rating,timestamp\n1,31,2.5,1260759144\n1,1029,3.0,1260759179\n7,31,3.5,851868750\n",
        [(1, 31, 2.5), (1, 1029, 3.0), (7, 31, 3.5)],
        [1260759144, 1260759179, 851868750],
    ),
    "MovieLens 1M": (
        "ratings.dat",
        "1::1193::5::978300760\n1::661::3::978302109\n2::1193::4::978298413\n",
        [(1, 1193, 5), (1, 661, 3), (2, 1193, 4)],
        [978300760, 978302109, 978298413],
    ),
    "MovieLens 100k": (
        "u.data.txt",
        "196\t242\t3\t881250949\n186\t302\t4\t891717742\n196\t377\t2\t878887116\n",
        [(196, 242, 3), (186, 302, 4), (196, 377, 2)],
        [881250949, 891717742, 878887116],
    ),
    "FilmTrust": (
        "ratings.txt",
        "1 1 2\n1 2 4\n2 2 3.5\n2 1 2.5\n3 1 3\n",
        [(1, 1, 2), (1, 2, 4), (2, 2, 3.5), (2, 1, 2.5), (3, 1, 3)],
        None,
    ),
    "Book-Crossing": (
        "BX-Book-Ratings.csv",
        '"User-ID";"ISBN";"Book-Rating"\r\n"276725";"034545104X";"1"\r\n"276726";"0155061224";"2"\r\n"276727";"Misérable";"3"\r\n'.encode(
            "latin-1"
        ),
        [(276725, "034545104X", 1), (276726, "0155061224", 2), (276727, "Misérable", 3)],
        None,
    ),
    "MovieTweetings": (
        "ratings.dat",
        "1::0114508::8::1381006850\n2::0208092::9::1586466072\n2::0358273::10::1579057827\n",
        [(1, "0114508", 8), (2, "0208092", 9), (2, "0358273", 10)],
        [1381006850, 1586466072, 1579057827],
    ),
    "goodbooks-10k": (
        "ratings.csv",
        "user_id,book_id,rating\n1,258,5\n2,4081,4\n2,260,3\n",
        [(1, 258, 5), (2, 4081, 4), (2, 260, 3)],
        None,
    ),
    "Amazon reviews": (
        "Musical_Instruments_5.json.gz",
        gzip.compress(
            json_lines(
                ("reviewerID", "asin", "reviewText", "helpful", "overall", "unixReviewTime", "reviewTime"),
                ("A2IBPI20UZIR0U", "0000013714", 'Good, "very" göod', [0, 0], 5.0, 1393545600, "02 28, 2014"),
                ("A14VAT5EAX3D9S", "0000013714", "Fine {or not}", [13, 14], 4.0, 1363392000, "03 16, 2013"),
                ("A2IBPI20UZIR0U", "1384719342", "", [1, 1], 3.0, 1377648000, "08 28, 2013"),
            ).encode()
        ),
        [("A2IBPI20UZIR0U", "0000013714", 5), ("A14VAT5EAX3D9S", "0000013714", 4), ("A2IBPI20UZIR0U", "1384719342", 3)],
        [1393545600, 1363392000, 1377648000],
    ),
    "Amazon ratings only": (
        "ratings_Beauty.csv",
        "A39HTATAQ9V7YF,0205616461,5.0,1369699200\nA3JM6GV9MNOF9X,0558925278,3.0,1355443200\nA39HTATAQ9V7YF,0733001998,4.0,1382572800\n",
        [("A39HTATAQ9V7YF", "0205616461", 5), ("A3JM6GV9MNOF9X", "0558925278", 3), ("A39HTATAQ9V7YF", "0733001998", 4)],
        [1369699200, 1355443200, 1382572800],
    ),
    "Amazon 2023": (
        "All_Beauty.jsonl",
        json_lines(
            ("rating", "title", "asin", "parent_asin", "user_id", "timestamp"),
            (5.0, "Such a scent", "B00YQ6X8EO", "B00YQ6X8E0", "AGKHL", 1588687728923),
            (4.0, "Works", "B081TJ8YS3", "B081TJ8YS3", "AGKHL", 1588615855070),
        ),
        [("AGKHL", "B00YQ6X8EO", 5), ("AGKHL", "B081TJ8YS3", 4)],
        [1588687728, 1588615855],
    ),
    "Jester, as pairs": (
        "jester_ratings.dat",
        "1\t\t5\t\t0.25\n1\t\t7\t\t-0.25\n2\t\t5\t\t0\n",
        [(1, 5, 0.25), (1, 7, -0.25), (2, 5, 0.0)],
        None,
    ),
    "Yahoo music": (
        "ydata-ymusic-rating-study-v1_0-train.txt",
        "1\t14\t5\n1\t35\t1\n2\t14\t2\n2\t46\t3\n2\t47\t4\n",
        [(1, 14, 5), (1, 35, 1), (2, 14, 2), (2, 46, 3), (2, 47, 4)],
        None,
    ),
    "RecBole's atomic files": (
        "ml-100k.inter",
        "user_id:token\titem_id:token\trating:float\ttimestamp:float\n196\t242\t3\t881250949\n186\t302\t4\t891717742\n",
        [(196, 242, 3), (186, 302, 4)],
        [881250949, 891717742],
    ),
    "Yelp": (
        "yelp_academic_dataset_review.json",
        json_lines(
            ("review_id", "user_id", "business_id", "stars", "useful", "text", "date"),
            ("KU_O5", "mh_-eM", "XQfwVw", 3.0, 0, "nice", "2018-07-07 22:09:11"),
            ("BiTun", "OyoGAe", "7ATYjT", 5.0, 1, "x", "2012-01-03 15:28:18"),
            ("saUsX", "8g_iMt", "YjUWPp", 4.0, 0, "y", "2014-02-05 20:30:30"),
        ),
        [("mh_-eM", "XQfwVw", 3), ("OyoGAe", "7ATYjT", 5), ("8g_iMt", "YjUWPp", 4)],
        [1531001351, 1325604498, 1391632230],
    ),
    "KONECT": (
        "out.movielens-10m_rating.tsv",
        "% bip weighted\n% 3 2 2\n1 1 5 838985046\n1 2 3 838983525\n2 1 4 868244699\n",
        [(1, 1, 5), (1, 2, 3), (2, 1, 4)],
        [838985046, 838983525, 868244699],
    ),
}


@pytest.mark.parametrize(("name", "content", "rows", "times"), LAYOUTS.values(), ids=list(LAYOUTS))
def test_a_published_layout_is_read_as_it_is(write, read_said, rows_of, name, content, rows, times):
    ratings, said = read_said(write(name, content))
    if rows is not None:
        assert rows_of(ratings) == rows
    assert (None if ratings.timestamp is None else ratings.timestamp.tolist()) == times
    assert "user = " in said[0]
    assert "rating = " in said[0]
    assert said[1].startswith("first rows: ")
    assert said[2].startswith("scale inferred from the ratings: ")


def test_a_matrix_is_named_with_the_flag_that_melts_it_and_the_value_of_no_rating(write, read):
    """Jester: 100 jokes a line behind the number of those rated, 99 where a joke is not."""
    row = ["99"] * 60 + ["1.5"] * 40
    path = write("jester.csv", "".join(",".join(["40", *row[shift:], *row[:shift]]) + "\n" for shift in range(5)))
    with pytest.raises(
        UserError,
        match=r"looks like a matrix: a line for each user and 101 columns of numbers; read it as one with --wide --none 99",
    ):
        read(path)


def test_a_matrix_gives_a_rating_for_each_cell_that_is_one(write, read_said, rows_of):
    """The first field counts its line and is no item; users are lines, items are columns."""
    ratings, said = read_said(write("jester.csv", JESTER), wide=True, none="99", levels=Levels(2))
    assert [(user, item) for user, item, _ in rows_of(ratings)] == [
        (1, 2),
        (1, 4),
        (1, 5),
        (2, 3),
        (3, 2),
        (3, 3),
        (3, 4),
        (3, 5),
    ]
    assert ratings.level.tolist() == [0, 1, 0, 1, 1, 0, 1, 1]  # the border is (-9.95 + 8.79) / 2 = -0.58
    assert "column 1 counts the ratings of its line and is left out" in said[0]


def test_a_matrix_with_names_has_them_for_ids(write, read, rows_of):
    path = write("m.csv", "user,Casablanca,Alien\nann,4,\nbob,,5\ncas,3,4\n")
    assert rows_of(read(path, wide=True)) == [
        ("ann", "Casablanca", 4),
        ("bob", "Alien", 5),
        ("cas", "Casablanca", 3),
        ("cas", "Alien", 4),
    ]


@pytest.mark.parametrize("none", [None, "nan"])
def test_a_cell_that_holds_no_finite_number_is_not_rated(write, read_said, rows_of, none):
    """As pandas writes what is missing; without a value that means so they are counted."""
    text = "user,a,b,c\nann,5,NaN,3\nbob,4,nan,1\ncas,NaN,NaN,NaN\ndan,,2,4\n"
    ratings, said = read_said(write("m.csv", text), wide=True, none=none)
    found = [("ann", "a", 5), ("ann", "c", 3), ("bob", "a", 4), ("bob", "c", 1), ("dan", "b", 2), ("dan", "c", 4)]
    assert rows_of(ratings) == found
    assert ("5 cells left out that hold no finite number, which means 'not rated'" in said) == (none is None)


def test_a_matrix_between_semicolons_may_have_decimal_commas(write, read, rows_of):
    rows = rows_of(read(write("m.csv", "user;a;b\nann;2,5;3\nbob;3,5;NaN\n"), wide=True))
    assert rows == [("ann", "a", 2.5), ("ann", "b", 3), ("bob", "a", 3.5)]


def test_a_count_of_a_line_leaves_out_what_is_not_rated(write, read):
    assert len(read(write("m.csv", "2,5,NaN,3\n1,NaN,4,NaN\n2,2,NaN,1\n"), wide=True)) == 5


def test_a_rating_that_means_not_rated_is_left_out_with_its_user_and_item(write, read_said, rows_of):
    """In Book-Crossing 0 stands for a book without a rating."""
    text = '"User-ID";"ISBN";"Book-Rating"\n"1";"a";"0"\n"2";"b";"5"\n"3";"b";"6"\n"3";"c";"0"\n'
    ratings, said = read_said(write("BX-Book-Ratings.csv", text), none="0")
    assert rows_of(ratings) == [(2, "b", 5), (3, "b", 6)]
    assert (ratings.user_ids.tolist(), ratings.item_ids.tolist()) == ([2, 3], ["b"])
    assert "2 rows left out whose rating is 0, which means 'not rated'" in said


def test_an_archive_or_a_folder_with_one_file_of_ratings_is_read(tmp_path, read, rows_of):
    rows = "userId,movieId,rating,timestamp\n1,31,2,1260759144\n1,32,3,1260759144\n"
    path = tmp_path / "some.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("some/README.txt", "Read me.")
        archive.writestr("some/movies.csv", "movieId,title,genres\n31,Dangerous Minds (1995),Drama\n")
        archive.writestr("some/ratings.csv", rows)
        archive.writestr("__MACOSX/some/._ratings.csv", b"\0")
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path)
    for where in (path, tmp_path / "some", path / "some" / "ratings.csv"):
        assert rows_of(read(where)) == [(1, 31, 2), (1, 32, 3)]
    assert read(path).name == "some"
