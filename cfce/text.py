"""Text from outside made printable and short: what a terminal, a log or a message shows of names, cells and errors."""

import unicodedata
from collections.abc import Sequence

LONGEST = 400
"""Signs of a foreign text that are shown."""
NAME = 100
"""Signs that a name may have."""
KEPT = "\n\t"


def printable(text: str, longest: int | None = None) -> str:
    r"""Text whose signs all can be printed: control signs, changes of direction and half characters are written as escapes.

    Line ends and tabs stay. ``longest`` cuts the middle out of a longer text.

    >>> printable("a\x1b[31mb\0")
    'a\\x1b[31mb\\x00'
    >>> printable("x" * 1000, 20)
    'xxxxxxxxx … xxxxxxxx'
    """
    if longest is not None and len(text) > longest:
        before = (longest - 2) // 2
        text = f"{text[:before]} … {text[len(text) - (longest - 3 - before) :]}"
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() or sign in KEPT else _escaped(sign) for sign in text)


def short(text: object, longest: int = LONGEST) -> str:
    r"""What foreign text is in a message: on one line, printable, at most ``longest`` signs before escapes.

    >>> short("a\n  b\x07")
    'a b\\x07'
    """
    return printable(" ".join(str(text).split()), longest)


def listed(names: Sequence[str]) -> str:
    """Names as a sentence lists them.

    >>> listed(("splits", "seeds", "users"))
    'splits, seeds and users'
    """
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def counted(n: int, noun: str) -> str:
    """A number with what it counts.

    >>> counted(1, "user"), counted(1000, "user")
    ('1 user', '1,000 users')
    """
    return f"{n:,} {noun}{'s' * (n != 1)}"


def plain_name(name: str) -> str:
    r"""A name as it is compared and kept: composed (Unicode NFC), without blanks at its ends or doubled inside it.

    >>> plain_name("  ce   (mine) "), plain_name("cafe\u0301") == "caf\u00e9"
    ('ce (mine)', True)
    """
    return unicodedata.normalize("NFC", " ".join(name.split()))


def _escaped(sign: str) -> str:
    return sign.encode("unicode_escape", "backslashreplace").decode("ascii")
