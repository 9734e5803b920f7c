"""Fetching: either source gives the same ratings, a dead one costs seconds, and a wrong archive is refused."""

import time
from dataclasses import replace

import pytest

from cfce.datasets import fetch
from cfce.datasets.fetch import fetch_movies
from cfce.errors import UserError


@pytest.fixture
def no_temporaries(tmp_path, monkeypatch):
    """The folder of temporary files, which must be empty when a test ends."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []


def test_the_archive_comes_from_the_server(small, server, said, no_wheel):
    movies = fetch_movies(small, said.append)
    assert movies.ratings("title", "small").fingerprint == small.fingerprints["title"]
    assert server.requests == ["/ml-100k.zip"]
    assert said == [f"small came from GroupLens ({server.url})"]


@pytest.mark.usefixtures("no_temporaries")
def test_a_closed_port_is_said_in_one_line_and_pip_gives_the_same_ratings(small, closed_url, said, wheels, put_wheel):
    put_wheel()
    started = time.monotonic()
    movies = fetch_movies(replace(small, url=closed_url), said.append)
    assert time.monotonic() - started < 20
    assert movies.ratings("title", "small").fingerprint == small.fingerprints["title"]
    assert movies.ratings("id", "small").fingerprint == small.fingerprints["id"]
    assert said == [
        f"small did not come from GroupLens ({closed_url}): the host cannot be reached",
        "small came from the wheel recbole==1.2.1 through pip",
    ]


def test_a_host_that_never_answers_is_left_after_the_time_limit(small, silent_url, said, monkeypatch):
    assert sum(fetch.HTTP_TIMEOUT) <= 15  # seconds, not minutes
    monkeypatch.setattr(fetch, "HTTP_TIMEOUT", (0.3, 0.4))
    monkeypatch.setattr(fetch, "_from_wheel", lambda origin, folder: "movies")
    started = time.monotonic()
    assert fetch_movies(replace(small, url=silent_url), said.append) == "movies"
    assert 0.3 < time.monotonic() - started < 3
    assert said[0] == f"small did not come from GroupLens ({silent_url}): no answer in 0.4 s"


@pytest.mark.usefixtures("no_temporaries")
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"status": 404}, "it answered 404 Not Found"),
        ({"content": b"<html>sign in</html>"}, "the archive is refused because its MD5 is not"),
        ({"cut": 7}, "the answer broke off"),
    ],
)
def test_what_a_server_does_wrong_is_said_and_the_next_source_is_asked(small, server, said, no_wheel, change, reason):
    for name, value in change.items():
        setattr(server, name, value)
    with pytest.raises(UserError) as error:
        fetch_movies(small, said.append)
    assert said[0].startswith(f"small did not come from GroupLens ({server.url}): {reason}")
    for what in (reason, no_wheel, server.url, "--data PATH"):
        assert what in str(error.value)
    assert "\n" not in str(error.value)


def test_what_pip_says_is_said_in_one_line(small, closed_url, said, wheels):
    with pytest.raises(UserError, match=r"through pip: No matching distribution found for recbole==1\.2\.1"):
        fetch_movies(replace(small, url=closed_url), said.append)
    assert "\n" not in said[1]


@pytest.mark.usefixtures("no_temporaries")
def test_a_swapped_wheel_is_refused(small, closed_url, said, wheels, put_wheel):
    put_wheel(rows=[(1, 1, 5)])
    with pytest.raises(UserError, match="the wheel is refused because its SHA-256 is not"):
        fetch_movies(replace(small, url=closed_url), said.append)


def test_an_archive_with_the_right_digest_and_other_ratings_is_refused(small, said, monkeypatch):
    """Both digests are checked: that of the bytes, and that of what they mean."""
    monkeypatch.setattr(fetch, "_from_wheel", lambda origin, folder: "movies")
    other = replace(small, fingerprints={**small.fingerprints, "id": "0" * 64})
    assert fetch_movies(other, said.append) == "movies"
    assert "the ratings by id are refused because their fingerprint is" in said[0]


def test_an_environment_without_pip_is_said(small, closed_url, said, monkeypatch, tmp_path):
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 'python: No module named pip' >&2\nexit 1\n")
    python.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(python))
    with pytest.raises(UserError, match="No module named pip"):
        fetch_movies(replace(small, url=closed_url), said.append)


def test_a_pip_that_hangs_is_ended(small, closed_url, said, monkeypatch, tmp_path):
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexec sleep 60\n")
    python.chmod(0o755)
    monkeypatch.setattr("sys.executable", str(python))
    monkeypatch.setattr(fetch, "PIP_TIMEOUT", 0.3)
    with pytest.raises(UserError, match=r"pip did not end in 0\.3 s"):
        fetch_movies(replace(small, url=closed_url), said.append)
