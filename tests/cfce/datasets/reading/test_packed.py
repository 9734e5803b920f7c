"""Packed files: read by what they hold, whatever they are called, and refused where they unpack to more than they warrant."""

import bz2
import gzip
import io
import lzma
import zipfile

import pyarrow as pa
import pytest

from cfce.datasets.reading import source as source_module
from cfce.datasets.reading.finding import find_source
from cfce.datasets.reading.source import Source
from cfce.errors import UserError

TEXT = b"user,item,rating\nann,tea,1\nbob,tea,2\n"


def zipped(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ratings.csv", content)
    return buffer.getvalue()


def zst(content: bytes) -> bytes:
    return pa.Codec("zstd").compress(content, asbytes=True)


PACKINGS = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "zip": zipped, "zst": zst}


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("suffix", [True, False])
def test_a_packed_file_is_read_whatever_it_is_called(write, read, packing, suffix):
    made = read(write(f"mine.csv.{packing}" if suffix else "mine.csv", PACKINGS[packing](TEXT)))
    assert made.user_ids.tolist() == ["ann", "bob"]
    assert made.name == "mine"


def test_several_gzip_members_are_one_text(write, read):
    assert len(read(write("r.csv.gz", gzip.compress(TEXT) + gzip.compress(b"cas,tea,1\n")))) == 3


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("keep", [0.5, 0.9])
def test_a_file_that_broke_off_is_refused(write, read, packing, keep):
    text = b"user,item,rating\n" + b"".join(b"u%d,i%d,%d\n" % (n * 7919 % 997, n * 31 % 89, 1 + n % 2) for n in range(5000))
    whole = PACKINGS[packing](text)
    with pytest.raises(UserError, match=r"is not a whole|cannot be read"):
        read(write("r.csv", whole[: int(keep * len(whole))]))


@pytest.mark.parametrize("packing", PACKINGS)
def test_a_bomb_is_refused_while_it_is_read(write, read, packing, monkeypatch):
    """Four megabytes of one line pack to a few kilobytes: with a limit of 100,000 bytes and 100 times, that is refused."""
    monkeypatch.setattr(source_module, "SMALL", 100_000)
    path = write(f"bomb.csv.{packing}", PACKINGS[packing](b"user,item,rating\n" + b"ann,tea,1\n" * 400_000))
    with pytest.raises(UserError, match=r"unpacks to [0-9,]+ bytes or more, and [0-9,]+ are the most for a file of its size"):
        read(path)


def test_a_bomb_is_refused_by_the_size_that_the_zip_declares_before_anything_is_unpacked(write, monkeypatch):
    monkeypatch.setattr(source_module, "SMALL", 100_000)
    path = write("bomb.zip", zipped(b"ann,tea,1\n" * 400_000))
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: pytest.fail("unpacked"))
    with pytest.raises(UserError, match="unpacks to 4,000,000 bytes or more"), Source(path, "ratings.csv").open():
        pass


def test_what_is_ambiguous_in_a_folder_or_archive_is_listed(write, tmp_path):
    write("several/a.csv", TEXT)
    write("several/b.csv", TEXT)
    with pytest.raises(
        UserError, match=r"several' has several files that may be the ratings \(a\.csv, b\.csv\); pass one, such as"
    ):
        find_source(tmp_path / "several")
    write("none/README.md", "Read me.")
    with pytest.raises(UserError, match=r"none' has no file of ratings; such a file ends in \.csv, \.tsv"):
        find_source(tmp_path / "none")
    with pytest.raises(UserError, match=r"not a whole zip archive"):
        find_source(write("broken.zip", b"PK\x03\x04 and no more"))


@pytest.mark.parametrize(
    "names", [["u.data", "u.item.txt", "u1.test"], ["ml-1m.inter", "ml-1m.txt"], ["movies.csv", "ratings.csv", "tags.csv"]]
)
def test_the_usual_names_of_ratings_decide(write, tmp_path, names):
    for name in names:
        write(f"folder/{name}", TEXT)
    expected = next(name for name in names if name in ("u.data", "ml-1m.inter", "ratings.csv"))
    assert find_source(tmp_path / "folder").path.name == expected


@pytest.mark.parametrize(
    ("content", "what"),
    [(b"\xd0\xcf\x11\xe0" + bytes(600), "an Excel workbook"), (gzip.compress(gzip.compress(TEXT)), "packed twice")],
    ids=["workbook", "packed twice"],  # not by content: gzip holds the time
)
def test_what_is_no_text_is_called_what_it_is(write, read, content, what):
    with pytest.raises(UserError, match=f"is {what}; pass it as it is, or save it as CSV"):
        read(write("r.csv", content))
