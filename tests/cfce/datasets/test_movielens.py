"""Reading MovieLens from the archive, its folder, u.data and the wheel: the same ratings from each, and wrong rows named."""

import zipfile

import pytest

from cfce.datasets.movielens import clean_title, read_movies, read_wheel
from cfce.datasets.movielens_path import ratings_from_path
from cfce.errors import UserError

ROWS = [(user, movie, 1 + (user * movie) % 5) for user in (10, 2, 33) for movie in (3, 1, 4, 2, 267)]
"""The rows of the small MovieLens."""


@pytest.fixture
def zipped(tmp_path, server):
    path = tmp_path / "ml-100k.zip"
    path.write_bytes(server.content)
    return path


@pytest.fixture
def folder(tmp_path, zipped):
    with zipfile.ZipFile(zipped) as archive:
        archive.extractall(tmp_path)
    return tmp_path / "ml-100k"


@pytest.mark.parametrize("item_key", ["title", "id"])
def test_every_form_gives_the_same_ratings(zipped, folder, tmp_path, small, said, item_key):
    for path in (zipped, folder, folder.parent, folder / "u.data"):
        ratings = ratings_from_path(path, item_key, said.append, small)
        assert ratings.fingerprint == small.fingerprints[item_key]
        assert ratings.name == "small"
    assert said == []
    assert read_wheel(tmp_path / "small.whl").ratings(item_key, "x").fingerprint == small.fingerprints[item_key]


def test_users_are_ints_and_items_titles_or_ints(zipped):
    movies = read_movies(zipped)
    titles = movies.ratings("title", "x")
    assert titles.user_ids.tolist() == [2, 10, 33]
    assert titles.item_ids.tolist() == [
        "Land Before Time III (1995) (V)",
        "Misérables, Les (1995)",
        "Toy Story (1995)",
        "unknown",
    ]
    assert movies.ratings("id", "x").item_ids.tolist() == [1, 2, 3, 4, 267]
    assert titles.scale.values == (1, 2, 3, 4, 5)


def test_two_movie_ids_of_one_title_make_repeated_pairs(zipped):
    movies = read_movies(zipped)
    assert movies.ratings("title", "x").n_repeated_pairs == 3  # each of three users rated both movies called Toy Story
    assert movies.ratings("id", "x").n_repeated_pairs == 0


def test_the_rows_keep_their_order(zipped):
    ratings = read_movies(zipped).ratings("id", "x")
    assert ratings.user_ids[ratings.user - 1].tolist()[::5] == [10, 2, 33]
    assert ratings.item_ids[ratings.item - 1].tolist()[:5] == [3, 1, 4, 2, 267]
    assert ratings.level[:5].tolist() == [0, 0, 0, 0, 0]  # 1 + 10 x movie mod 5


def test_u_data_alone_has_ids_and_no_titles(folder, small, said):
    (folder / "u.item").unlink()
    assert ratings_from_path(folder / "u.data", "id", said.append, small).fingerprint == small.fingerprints["id"]
    with pytest.raises(UserError, match=r"5 movies, such as 1, have no title.*put u\.item beside u\.data, or use --item-key id"):
        ratings_from_path(folder / "u.data", "title", said.append, small)


def test_the_times_of_the_rows_are_kept_from_either_source(zipped, tmp_path, small):
    assert small
    times = [881250000 + movie for _, movie, _ in ROWS]
    assert read_movies(zipped).ratings("id", "x").timestamp.tolist() == times
    assert read_wheel(tmp_path / "small.whl").ratings("title", "x").timestamp.tolist() == times


def test_the_five_splits_of_the_archive_label_its_rows(folder, zipped):
    """u1.test to u5.test hold every row once between them, sorted by user and movie as GroupLens has them."""
    lines = folder.joinpath("u.data").read_text().splitlines()
    for number in range(5):
        (folder / f"u{number + 1}.test").write_text("".join(line + "\n" for line in sorted(lines[number::5])))
    assert read_movies(folder).ratings("title", "x").labels["u"].tolist() == [1, 2, 3, 4, 5] * 3
    with zipfile.ZipFile(zipped, "a") as archive:
        for number in range(5):
            archive.write(folder / f"u{number + 1}.test", f"ml-100k/u{number + 1}.test")
    assert read_movies(zipped).ratings("id", "x").labels["u"].tolist() == [1, 2, 3, 4, 5] * 3
    (folder / "u5.test").write_text((folder / "u4.test").read_text())  # one split twice and one not at all
    assert read_movies(folder).ratings("title", "x").labels == {}
    (folder / "u5.test").unlink()
    assert read_movies(folder).ratings("title", "x").labels == {}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("10\t3\t6\t881", "rating 6 came; allowed: 1, 2, 3, 4, 5"),
        ("10\t3\t0\t881", "rating 0 came; allowed: 1, 2, 3, 4, 5"),
        ("10\t3\t\t881", "whole numbers"),
        ("10\t3\t4.5\t881", "whole numbers"),
        ("10\t3\t-4\t881", "whole numbers"),
        ("\t3\t4\t881", "whole numbers"),
        ("0\t3\t4\t881", "whole numbers"),
        ("99999999999\t3\t4\t881", "whole numbers"),
        ("10\t3\t99999999999999999999\t881", "rating 99999999999999999999 came"),
        ("10\t3\t4", "a line is user, movie, rating and time between tabs"),
        ("10\t3\t4\t881\t1", "a line is user, movie, rating and time between tabs"),
        ("10 3 4 881", "a line is user, movie, rating and time between tabs"),
        ("ten\t3\t4\t881", "whole numbers"),
    ],
)
def test_a_wrong_row_is_named_by_file_and_line(tmp_path, line, message):
    path = tmp_path / "u.data"
    path.write_text(f"1\t1\t1\t1\n2\t2\t2\t2\n{line}\n3\t3\t3\t3\n")
    with pytest.raises(UserError, match=rf"u\.data', line 3: .*{message}"):
        read_movies(path)


def test_other_line_ends_and_no_last_line_end_are_read(tmp_path):
    path = tmp_path / "u.data"
    path.write_bytes(b"1\t1\t5\t1\r\n2\t1\t4\t1\r\n\r\n2\t2\t1\t1")
    assert read_movies(path).rating.tolist() == [5, 4, 1]


def test_no_rows_are_refused(tmp_path):
    path = tmp_path / "u.data"
    path.write_text("")
    with pytest.raises(UserError, match="has no ratings"):
        read_movies(path)


def test_a_wrong_title_line_is_named(folder):
    (folder / "u.item").write_text("1|Toy Story (1995)|x\n2 Misérables|x\n")
    with pytest.raises(UserError, match=r"u\.item', line 2: no movie id and title came"):
        read_movies(folder)


@pytest.mark.parametrize("keep", [0, 10, 200, -30])
def test_a_damaged_zip_is_refused(zipped, keep):
    zipped.write_bytes(zipped.read_bytes()[:keep])
    with pytest.raises(UserError, match=r"is not a whole zip archive .*fetch ml-100k\.zip again"):
        read_movies(zipped)


def test_a_zip_with_a_flipped_byte_is_refused(zipped):
    content = bytearray(zipped.read_bytes())
    content[60] ^= 255
    zipped.write_bytes(content)
    with pytest.raises(UserError, match="is not a whole zip archive"):
        read_movies(zipped)


def test_a_zip_of_something_else_is_refused(tmp_path):
    path = tmp_path / "ml-1m.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ml-1m/ratings.dat", "1::2::3::4")
    with pytest.raises(UserError, match=r"has no u\.data and u\.item inside"):
        read_movies(path)


def test_an_archive_of_other_ratings_is_refused_and_a_folder_of_them_gets_its_own_name(zipped, folder, small, said):
    data = folder / "u.data"
    data.write_text(data.read_text().replace("10\t3\t1", "10\t3\t2"))
    ratings = ratings_from_path(folder, "title", said.append, small)
    assert ratings.name == "ml-100k-folder"  # a folder called ml-100k is a label, and no proof
    assert said == [f"'{folder}' holds 15 ratings that are not those of small; it is called 'ml-100k-folder'"]
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.write(data, "ml-100k/u.data")
        archive.write(folder / "u.item", "ml-100k/u.item")
    with pytest.raises(UserError, match="holds 15 ratings that are not those of small"):
        ratings_from_path(zipped, "title", said.append, small)


def test_missing_files_and_unknown_item_keys_are_refused(tmp_path, zipped, said):
    with pytest.raises(UserError, match=r"has no u\.data"):
        read_movies(tmp_path)
    with pytest.raises(UserError, match=r"cannot be read \(No such file"):
        read_movies(tmp_path / "u.data")
    with pytest.raises(UserError, match="unknown item key 'name'; allowed: title"):
        ratings_from_path(zipped, "name", said.append)


def test_titles_are_cleaned_of_stray_blanks():
    assert clean_title("  Les\t Misérables   (1995) ") == "Les Misérables (1995)"
