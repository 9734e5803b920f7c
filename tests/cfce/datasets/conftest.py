"""A small MovieLens in both of its formats, a real HTTP server on loopback, and a pip that finds only our wheel."""

import hashlib
import io
import json
import socket
import sys
import threading
import time
import zipfile
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from cfce.datasets import fetch
from cfce.datasets.fetch import ML_100K, NotFetched, Origin
from cfce.datasets.movielens import read_wheel

TITLES = {
    1: ("Toy Story", "1995"),
    2: ("Misérables, Les", "1995"),
    3: ("Land Before Time III (1995)", "V"),
    4: ("Toy Story", "1995"),
}
TITLES |= {267: ("unkonwn", "unkonwn")}
ROWS = [(user, movie, 1 + (user * movie) % 5) for user in (10, 2, 33) for movie in (3, 1, 4, 2, 267)]


def _zip_of(rows=ROWS, titles=TITLES, blanks=" ") -> bytes:
    """The archive as GroupLens makes it: Latin-1, bars between the fields, and stray blanks in some titles."""
    data = "".join(f"{user}\t{movie}\t{rating}\t88125{movie:04}\n" for user, movie, rating in rows)
    items = ""
    for movie, (title, year) in titles.items():
        name = "unknown" if year == "unkonwn" else f"{title}{blanks if movie == 2 else ''} ({year}){blanks if movie == 3 else ''}"
        items += f"{movie}|{name}|01-Jan-1995||http://us.imdb.com/M/title-exact|0|0|1\n"
    return packed({"ml-100k/u.data": data.encode(), "ml-100k/u.item": items.encode("latin-1"), "ml-100k/README": b"Read me."})


def wheel_of(rows=ROWS, titles=TITLES) -> bytes:
    """The wheel as far as pip and we read it."""
    data = "user_id:token\titem_id:token\trating:float\ttimestamp:float\n"
    data += "".join(f"{user}\t{movie}\t{rating}\t88125{movie:04}\n" for user, movie, rating in rows).removesuffix("\n")
    items = "item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\n"
    items += "".join(f"{movie}\t{title}\t{year}\tDrama\n" for movie, (title, year) in titles.items())
    about = "recbole-1.2.1.dist-info/"
    return packed(
        {
            "recbole/dataset_example/ml-100k/ml-100k.inter": data.encode(),
            "recbole/dataset_example/ml-100k/ml-100k.item": items.encode(),
            about + "METADATA": b"Metadata-Version: 2.1\nName: recbole\nVersion: 1.2.1\n",
            about + "WHEEL": b"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            about + "RECORD": b"",
        }
    )


def packed(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return buffer.getvalue()


@dataclass
class Server:
    """A real HTTP server on loopback: serves ``content`` after ``wait`` seconds and counts the requests."""

    content: bytes
    status: int = 200
    wait: float = 0.0
    cut: int = 0
    """How many bytes at the end never come."""
    requests: list[str] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def server():
    serving = Server(_zip_of())

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            serving.requests.append(self.path)
            time.sleep(serving.wait)
            try:
                self.send_response(serving.status)
                self.send_header("Content-Length", str(len(serving.content)))
                self.end_headers()
                self.wfile.write(serving.content[: len(serving.content) - serving.cut])
            except ConnectionError:  # a client that was killed
                pass

        def log_message(self, *arguments):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        http.daemon_threads = True
        serving.url = f"http://127.0.0.1:{http.server_port}/ml-100k.zip"
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield serving
        http.shutdown()
        thread.join()


@pytest.fixture
def closed_url():
    """An address where nothing listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    return f"http://127.0.0.1:{port}/ml-100k.zip"


@pytest.fixture
def silent_url():
    """An address that takes connections and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/ml-100k.zip"


@pytest.fixture(autouse=True)
def loopback_without_proxy(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def wheels(tmp_path, monkeypatch):
    """The folder that pip, without an index, finds wheels in; empty at first."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    for name, value in {"NO_INDEX": "1", "FIND_LINKS": str(folder), "CONFIG_FILE": "/dev/null", "CONSTRAINT": ""}.items():
        monkeypatch.setenv(f"PIP_{name}", value)
    return folder


@pytest.fixture
def small(server, tmp_path) -> Origin:
    """The small MovieLens, from the server or from the wheel."""
    path = tmp_path / "small.whl"
    path.write_bytes(wheel_of())
    movies = read_wheel(path)
    return Origin(
        name="small",
        url=server.url,
        md5=hashlib.md5(server.content).hexdigest(),
        requirement=ML_100K.requirement,
        wheel_sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        fingerprints={key: movies.ratings(key, "small").fingerprint for key in ("title", "id")},
    )


@pytest.fixture
def zip_of():
    """Makes an archive in GroupLens' format."""
    return _zip_of


@pytest.fixture
def said():
    """What was said, a line an entry: pass ``said.append``."""
    return []


@pytest.fixture
def no_wheel(monkeypatch):
    """The reason why there is no wheel, without the second that pip takes to find out."""

    def nothing(origin, folder):
        raise NotFetched("pip found nothing")

    monkeypatch.setattr(fetch, "_from_wheel", nothing)
    return "pip found nothing"


@pytest.fixture
def put_wheel(wheels):
    """Puts a wheel where pip finds it."""
    return lambda **content: (wheels / "recbole-1.2.1-py3-none-any.whl").write_bytes(wheel_of(**content))


CHILD = """
import json, sys
from pathlib import Path
from cfce.datasets.fetch import Origin
from cfce.datasets.movielens_cache import cached_ratings
lines = []
ratings = cached_ratings(Origin(**json.loads(sys.argv[1])), "title", Path(sys.argv[2]), lines.append)
print(json.dumps([ratings.fingerprint, lines]))
"""


@pytest.fixture
def child_command():
    """The command of another process that loads an origin through a cache and prints its fingerprint and what was said."""
    return lambda origin, cache: [sys.executable, "-c", CHILD, json.dumps(asdict(origin)), str(cache)]
