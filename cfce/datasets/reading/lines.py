"""Text as blocks of whole lines in UTF-8, whatever its encoding and its separator."""

import codecs
import io
import re
from collections.abc import Iterator
from typing import Any

from cfce.datasets.reading.source import Source, Stream
from cfce.errors import UserError

BLOCK = 4 << 20
"""Bytes read at a time."""
LONGEST = 64 << 20
"""Bytes that a line may have."""
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""Byte order marks."""
BINARY = {b"PAR1": "Parquet inside an archive", b"\xd0\xcf\x11\xe0": "an Excel workbook", b"\x1f\x8b": "packed twice"}
"""First bytes of files that are no text."""

_BLANKS = re.compile(rb"[ \t]+")
_EDGES = re.compile(rb"(?m)^[ \t]+|[ \t]+(?=\r?$)")


class NotUtf8(Exception):  # noqa: N818 - no error yet: the text is read again as Latin-1
    """A block of text that was taken for UTF-8 is not."""


def blocks(stream: Stream, encoding: str) -> Iterator[bytes]:
    """Blocks of whole lines in UTF-8, without a byte order mark, each ending in a line end but perhaps the last.

    Raises ``NotUtf8`` for bytes that are not the UTF-8 they were taken for, and ``UserError`` for those of another encoding.
    """
    decode = None if codecs.lookup(encoding).name in ("utf-8", "utf-8-sig") else codecs.getincrementaldecoder(encoding)()
    rest, first = b"", True
    while piece := stream.read(BLOCK):
        if first and decode is None:
            piece, first = piece.removeprefix(codecs.BOM_UTF8), False
        if decode is not None:
            piece = _decoded(decode, piece, stream.source, encoding)
        whole, end, after = piece.rpartition(b"\n")
        if not end:
            rest += piece
            if len(rest) > LONGEST:
                raise UserError(f"'{stream.source}' has a line of more than {LONGEST:,} bytes; it is not a file of ratings")
            continue
        block, rest = rest + whole + end, after
        yield _checked(block)
    if decode is not None:
        rest += _decoded(decode, b"", stream.source, encoding, final=True)
    if rest:
        yield _checked(rest)


def lines_of(text: str) -> list[str]:
    r"""The lines of a text with their ends, which are ``\n``, ``\r`` and both, as for those who write CSV, and no other sign.

    >>> lines_of("a\x85b\r\nc\u2028\rd")
    ['a\x85b\r\n', 'c\u2028\r', 'd']
    """
    return list(io.StringIO(text, newline=""))


def with_one_separator(block: bytes, separator: str) -> bytes:
    r"""A block whose separator of several bytes (``'::'``, or blanks for ``' '``) is a tab; others are left alone.

    >>> with_one_separator(b"1::22::5", "::"), with_one_separator(b" 1  22 5", " ")
    (b'1\t22\t5', b'1\t22\t5')
    """
    if separator == "::":
        return block.replace(b"::", b"\t")
    if separator == " ":
        if block[:1].isspace() or b"\n " in block or b"\n\t" in block or b" \n" in block or b"\t\n" in block or b" \r" in block:
            block = _EDGES.sub(b"", block)
        return block.replace(b" ", b"\t") if b"  " not in block and b"\t" not in block else _BLANKS.sub(b"\t", block)
    return block


class Feed(io.RawIOBase):
    """Blocks of bytes as a file to read from."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._rest = pieces, memoryview(b"")

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer from the next blocks, up to its end: a parser may refuse a row that lies in three reads."""
        filled = 0
        while filled < len(buffer):
            if not self._rest:
                piece = next(self._pieces, None)
                if piece is None:
                    break
                self._rest = memoryview(piece)
            count = min(len(buffer) - filled, len(self._rest))
            buffer[filled : filled + count] = self._rest[:count]
            self._rest = self._rest[count:]
            filled += count
        return filled


def encoding_of(source: Source, head: bytes) -> str:
    """The encoding that the first bytes tell: that of a byte order mark, or UTF-8.

    Raises ``UserError`` for bytes that are no text in either.
    """
    for mark, encoding in MARKS:
        if head.startswith(mark):
            return encoding
    for mark, what in BINARY.items():
        if head.startswith(mark):
            raise UserError(f"'{source}' is {what}; pass it as it is, or save it as CSV")
    if b"\0" in head:
        raise UserError(f"'{source}' holds zero bytes, so it is not text in UTF-8; name its encoding (--encoding utf-16-le)")
    return "utf-8"


def _decoded(decode: codecs.IncrementalDecoder, piece: bytes, source: Source, encoding: str, final: bool = False) -> bytes:
    try:
        return decode.decode(piece, final).removeprefix("\ufeff").encode()
    except UnicodeDecodeError as error:
        raise UserError(f"'{source}' is not text in {encoding} ({error.reason}); name another (--encoding)") from error


def _checked(block: bytes) -> bytes:
    if not block.isascii():
        try:
            block.decode()
        except UnicodeDecodeError:
            raise NotUtf8 from None
    return block
