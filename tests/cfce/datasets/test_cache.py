"""The cache: whole or absent, checked when read, and safe for several processes."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cfce.datasets import cache_dir
from cfce.datasets.movielens_cache import cached_ratings
from cfce.errors import UserError


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


def files_in(cache: Path) -> list[str]:
    return sorted(path.name for path in cache.iterdir() if not path.name.endswith(".lock"))


def test_ratings_are_fetched_once_for_both_item_keys(small, server, cache, said):
    fetched = cached_ratings(small, "title", cache, said.append)
    cached = cached_ratings(small, "title", cache, said.append)
    assert fetched.fingerprint == cached.fingerprint == small.fingerprints["title"]
    assert cached_ratings(small, "id", cache, said.append).fingerprint == small.fingerprints["id"]
    assert len(server.requests) == len(said) == 1
    assert files_in(cache) == ["small.2.npz"]


@given(st.data())
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_cache_file_never_gives_other_ratings(small, server, tmp_path_factory, data):
    """Whatever byte is changed or cut off: the ratings are right, from the file or fetched again."""
    cache = tmp_path_factory.mktemp("cache")
    cached_ratings(small, "title", cache, lambda line: None)
    path = cache / "small.2.npz"
    content = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        content[place] ^= data.draw(st.integers(1, 255))
    else:
        del content[place:]
    path.write_bytes(content)
    assert cached_ratings(small, "title", cache, lambda line: None).fingerprint == small.fingerprints["title"]


def test_a_damaged_cache_file_is_set_aside_said_and_fetched_again(small, server, cache, said):
    cached_ratings(small, "title", cache, said.append)
    for damage in (b"no archive", b""):
        (cache / "small.2.npz").write_bytes(damage)
        assert cached_ratings(small, "title", cache, said.append).fingerprint == small.fingerprints["title"]
        assert files_in(cache) == ["small.2.npz", "small.2.npz.damaged"]
        assert (cache / "small.2.npz.damaged").read_bytes() == damage
    assert "is damaged (it cannot be read: " in said[1]
    assert len(server.requests) == 3


def test_cached_ratings_of_another_origin_are_set_aside(small, cache, said, no_wheel):
    cached_ratings(small, "title", cache, said.append)
    with pytest.raises(UserError):  # the server's archive is not of that origin either
        cached_ratings(replace(small, fingerprints=dict.fromkeys(["title", "id"], "0")), "title", cache, said.append)
    assert "is damaged (its ratings have another fingerprint)" in said[1]
    assert files_in(cache) == ["small.2.npz.damaged"]


def test_nothing_stays_in_the_cache_of_a_fetch_that_failed(small, server, cache, said, no_wheel):
    server.cut = 5
    with pytest.raises(UserError, match="could not be fetched"):
        cached_ratings(small, "title", cache, said.append)
    assert files_in(cache) == []


def test_two_processes_at_once_both_succeed_and_one_fetches(small, server, cache, child_command):
    server.wait = 0.3
    children = [
        subprocess.Popen(child_command(small, cache), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)
    ]
    results = [child.communicate(timeout=60) for child in children]
    assert [child.returncode for child in children] == [0, 0], results
    found = [json.loads(out) for out, _ in results]
    assert [fingerprint for fingerprint, _ in found] == [small.fingerprints["title"]] * 2
    assert sorted(len(lines) for _, lines in found) == [0, 1]
    assert len(server.requests) == 1
    assert files_in(cache) == ["small.2.npz"]


def test_a_process_killed_while_it_fetches_leaves_nothing_and_stops_nobody(small, server, cache, said, child_command):
    server.wait = 1.0
    with subprocess.Popen(child_command(small, cache), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        deadline = time.monotonic() + 30
        while not server.requests and time.monotonic() < deadline:
            time.sleep(0.02)
        os.kill(child.pid, signal.SIGKILL)
    assert files_in(cache) == []
    server.wait = 0.0
    assert cached_ratings(small, "title", cache, said.append).fingerprint == small.fingerprints["title"]


def test_what_a_killed_process_half_wrote_is_removed(small, cache, said):
    cache.mkdir()
    (cache / ".small.2.npz.4711.tmp").write_bytes(b"half")
    cached_ratings(small, "title", cache, said.append)
    assert files_in(cache) == ["small.2.npz"]


def test_a_cache_that_cannot_be_written_is_said_and_the_ratings_come(small, tmp_path, said):
    (tmp_path / "file").write_text("in the way")
    ratings = cached_ratings(small, "title", tmp_path / "file" / "cache", said.append)
    assert ratings.fingerprint == small.fingerprints["title"]
    assert said[0].endswith("cannot be written (Not a directory); small is fetched and not kept")


def test_an_unknown_item_key_is_refused_before_anything_is_fetched(small, server, cache, said):
    with pytest.raises(UserError, match="unknown item key 'names'"):
        cached_ratings(small, "names", cache, said.append)
    assert server.requests == []


def test_the_cache_is_where_the_environment_says(monkeypatch, tmp_path):
    monkeypatch.setenv("CFCE_CACHE", str(tmp_path))
    assert cache_dir() == tmp_path
    monkeypatch.setenv("CFCE_CACHE", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user"))
    if sys.platform == "linux":
        assert cache_dir() == tmp_path / "user" / "cfce-bench"
