"""MovieLens 1M to 32M from made-up archives in their layouts: fetched from a server on loopback, or from disk, once."""

import hashlib
import zipfile
from dataclasses import replace

import pytest

from cfce.datasets import DATASETS, MovieLensOptions, Place, load_dataset, ml_1m, ml_10m, ml_20m, ml_25m, ml_32m, ml_latest_small
from cfce.datasets.movielens_archive import load_archive
from cfce.errors import UserError

ARCHIVES = [module.ARCHIVE for module in (ml_1m, ml_10m, ml_20m, ml_25m, ml_32m, ml_latest_small)]
MOVIES = [(1, "Toy Story (1995)"), (2, "Misérables, Les (1995)"), (3, "Toy Story  (1995) "), (40, "Never Rated (1990)")]
ROWS = [(1, 3, 5, 978300760), (1, 2, 4, 978300761), (7, 1, 1, 978300000), (7, 3, 2, 978300002), (5, 2, 3, 978299999)]
BY_ID = [(1, 3, 5.0), (1, 2, 4.0), (7, 1, 1.0), (7, 3, 2.0), (5, 2, 3.0)]
"""ROWS as they come back."""


def files_of(archive) -> dict[str, bytes]:
    """The ratings and the movies in the archive's own layout."""
    name = archive.name
    if archive.suffix == ".dat":
        ratings = "".join("::".join(map(str, row)) + "\n" for row in ROWS)
        movies = "".join(f"{number}::{title}::Comedy|Drama\n" for number, title in MOVIES)
        encoded = movies.encode("latin-1" if name == "ml-1m" else "utf-8")
    else:
        rows = [(user, movie, float(rating), time) for user, movie, rating, time in ROWS]
        ratings = "userId,movieId,rating,timestamp\r\n" + "".join(",".join(map(str, row)) + "\r\n" for row in rows)
        movies = "movieId,title,genres\r\n" + "".join(f'{number},"{title}",Comedy|Drama\r\n' for number, title in MOVIES)
        encoded = movies.encode()
    return {
        f"{name}/ratings{archive.suffix}": ratings.encode(),
        f"{name}/movies{archive.suffix}": encoded,
        f"{name}/README.txt": b"",
    }


def zip_of(archive, path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files_of(archive).items():
            packed.writestr(zipfile.ZipInfo(name), content)
    return path


@pytest.fixture(params=ARCHIVES, ids=lambda archive: archive.name)
def archive(request, server, tmp_path):
    """An archive of the layout, on the server."""
    server.content = zip_of(request.param, tmp_path / "served.zip").read_bytes()
    md5 = request.param.md5 and hashlib.md5(server.content).hexdigest()
    return replace(request.param, url=server.url, md5=md5)


@pytest.fixture
def place(tmp_path, said):
    return Place(cache=tmp_path / "cache", log=said.append)


def rows_of(ratings):
    users, items = ratings.user_ids[ratings.user - 1].tolist(), ratings.item_ids[ratings.item - 1].tolist()
    return list(zip(users, items, [ratings.scale.values[level] for level in ratings.level.tolist()], strict=True))


def test_an_archive_is_fetched_once_for_both_item_keys(archive, server, place, said):
    by_id = load_archive(archive, MovieLensOptions("id"), place)
    assert rows_of(by_id) == BY_ID
    assert by_id.timestamp.tolist() == [row[3] for row in ROWS]
    assert by_id.name == archive.name
    assert by_id.scale == archive.scale
    by_title = load_archive(archive, MovieLensOptions("title"), place)
    title = {number: " ".join(name.split()) for number, name in MOVIES}
    assert rows_of(by_title) == [(user, title[movie], rating) for user, movie, rating in BY_ID]
    assert by_title.item_ids.tolist() == ["Misérables, Les (1995)", "Toy Story (1995)"]
    assert by_title.n_repeated_pairs == 1  # user 7 rated both movies that are called Toy Story
    assert by_title.timestamp.tolist() == by_id.timestamp.tolist()
    assert load_archive(archive, MovieLensOptions("title"), place).fingerprint == by_title.fingerprint
    assert len(server.requests) == 1
    assert said[0] == f"{archive.name} came from GroupLens ({server.url})"
    renewed = [line for line in said if "fixes no digest" in line]
    assert len(renewed) == (3 if archive.md5 is None else 0)
    assert sorted(one.name for one in place.cache.iterdir() if not one.name.startswith(".")) == [
        f"{archive.name}-id.1",
        f"{archive.name}-title.1",
    ]


def test_an_archive_on_disk_and_its_folder_give_the_same_ratings(archive, tmp_path, place, said):
    path = zip_of(archive, tmp_path / "any name.zip")
    from_zip = load_archive(archive, MovieLensOptions("title"), replace(place, path=path))
    assert from_zip.name == archive.name
    assert said == []
    with zipfile.ZipFile(path) as packed:
        packed.extractall(tmp_path)
    for folder in (tmp_path / archive.name, tmp_path):
        from_folder = load_archive(archive, MovieLensOptions("title"), replace(place, path=folder))
        assert from_folder.fingerprint == from_zip.fingerprint
        assert from_folder.name == (archive.name if archive.md5 is None else f"{archive.name}-folder")


def test_a_folder_that_changed_is_read_again(archive, tmp_path, place):
    with zipfile.ZipFile(zip_of(archive, tmp_path / "a.zip")) as packed:
        packed.extractall(tmp_path)
    there = replace(place, path=tmp_path / archive.name)
    assert len(load_archive(archive, MovieLensOptions("title"), there)) == 5
    ratings = tmp_path / archive.ratings
    ratings.write_bytes(b"\n".join(ratings.read_bytes().splitlines()[:-1]) + b"\n")
    assert len(load_archive(archive, MovieLensOptions("title"), there)) == 4


@pytest.mark.parametrize("archive", ARCHIVES[:5], indirect=True, ids=lambda archive: archive.name)
def test_another_archive_of_that_name_is_refused(archive, server, tmp_path, place, no_temporaries):
    other = replace(archive, md5="0" * 32)
    with pytest.raises(
        UserError, match=r"could not be fetched .*the archive is refused because its MD5 is not 0+\); get it by other means"
    ):
        load_archive(other, MovieLensOptions(), place)
    with pytest.raises(
        UserError, match=r"is not GroupLens' ml-.*zip, whose MD5 is 0+; fetch it again, or pass it with --data alone"
    ):
        load_archive(other, MovieLensOptions(), replace(place, path=zip_of(archive, tmp_path / "a.zip")))


@pytest.fixture
def no_temporaries(place):
    """The cache has no temporary folder when a test ends."""
    yield
    assert [one.name for one in place.cache.iterdir() if one.suffix != ".lock"] == []


def test_a_dead_host_is_said_with_what_to_do(place, closed_url):
    archive = replace(ml_25m.ARCHIVE, url=closed_url)
    with pytest.raises(
        UserError, match=r"ml-25m could not be fetched .*the host cannot be reached\); get it by other means and pass it"
    ):
        load_archive(archive, MovieLensOptions(), place)


def test_movies_without_a_title_are_refused(tmp_path, place):
    folder = tmp_path / "ml-1m"
    folder.mkdir()
    (folder / "ratings.dat").write_text("1::1::5::1\n1::2::4::1\n")
    (folder / "movies.dat").write_text("1::Toy Story (1995)::x\n")
    with pytest.raises(UserError, match=r"1 movies, such as 2, have no title in ml-1m/movies\.dat"):
        load_dataset("ml-1m", path=folder, cache=place.cache)
    with pytest.raises(UserError, match=r"the folder '.*' has no ratings\.dat; pass the folder that ml-1m\.zip unpacks to"):
        load_dataset("ml-1m", path=place.cache, cache=place.cache)


def test_a_zip_with_the_digest_is_known_whatever_it_is_called_and_another_is_anybodys(tmp_path, place, monkeypatch):
    archive = ml_1m.ARCHIVE
    path = zip_of(archive, tmp_path / "ml-1m.zip")
    anybodys = load_dataset(path=path, cache=place.cache, log=place.log)
    assert anybodys.name == "ml-1m.zip"  # not ml-1m: its digest is another
    assert rows_of(anybodys) == BY_ID
    monkeypatch.setitem(DATASETS._parts, "ml-1m", replace(DATASETS["ml-1m"], is_at=lambda path: path.name == "ml-1m.zip"))
    with pytest.raises(UserError, match="is not GroupLens' ml-1m"):
        load_dataset(path=path, cache=place.cache)


def test_an_unknown_item_key_is_refused():
    with pytest.raises(UserError, match="unknown item key 'name'; allowed: title"):
        MovieLensOptions("name")
