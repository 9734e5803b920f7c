"""How a file of ratings is to be read: what overrides the guesses, and what is done to the rows."""

from dataclasses import dataclass, fields
from typing import Literal

from cfce.errors import UserError, unknown_name
from cfce.scale import RatingScale

DUPLICATES = ("keep", "last", "mean")
BINNINGS = ("width", "quantile")
SEPARATORS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "bar": "|", "space": " ", "whitespace": " "}
"""Words for separators that are awkward to type."""


@dataclass(frozen=True)
class Columns:
    """Which column of a file is what: a name of its header, or its number from 1; None to find it by its name or place.

    A timestamp or part that is ``'none'`` is left out.

    >>> Columns.parse("user=who,rating=3")
    Columns(user='who', item=None, rating='3', timestamp=None, part=None)
    """

    user: str | None = None
    item: str | None = None
    rating: str | None = None
    timestamp: str | None = None
    part: str | None = None

    @classmethod
    def parse(cls, text: str) -> "Columns":
        """The columns in ``user=A,item=B,rating=C,timestamp=D``."""
        roles = [field.name for field in fields(cls)]
        found: dict[str, str] = {}
        for pair in text.split(","):
            role, equals, column = (part.strip() for part in pair.partition("="))
            if not equals or not column:
                raise UserError(f"'{pair}' in the columns '{text}' is no pair; columns are such as user=A,item=B,rating=C")
            if role not in roles:
                raise unknown_name("column", role, roles)
            if role in found:
                raise UserError(f"the columns '{text}' name {role} twice; each is named once")
            found[role] = column
        return cls(**found)


@dataclass(frozen=True)
class Levels:
    """Into how many levels continuous ratings are binned, and how: bins of equal ``'width'``, or of equally many ratings.

    >>> Levels.parse("10"), Levels.parse("5:quantile")
    (Levels(n=10, by='width'), Levels(n=5, by='quantile'))
    """

    n: int
    by: str = "width"

    def __post_init__(self) -> None:
        if not 2 <= self.n <= 256:
            raise UserError(f"{self.n} levels came; ratings are binned into 2 to 256 levels")
        if self.by not in BINNINGS:
            raise unknown_name("way of binning", self.by, BINNINGS)

    @classmethod
    def parse(cls, text: str) -> "Levels":
        """The levels in ``N``, ``N:width`` or ``N:quantile``."""
        n, _, by = text.partition(":")
        if not n.strip().isdecimal():
            raise UserError(f"the levels '{text}' came; they are a number, such as 10, or 10:quantile")
        return cls(int(n), by.strip() or "width")


@dataclass(frozen=True)
class ReadingOptions:
    """How a file of ratings is read; what is left out is found in the file, and named by the reader."""

    columns: Columns = Columns()
    """Which column is what."""
    separator: str | None = None
    """Between the fields of a line: one character, ``'::'``, or ``' '`` for any blanks."""
    header: bool | None = None
    """Whether the first line names the columns."""
    encoding: str | None = None
    """Of text, by its Python name; without it UTF-8, or Latin-1 where the bytes are not UTF-8."""
    scale: RatingScale | None = None
    """Every rating that there may be; without it the ratings that occur."""
    levels: Levels | None = None
    """Bins for ratings that are continuous."""
    none: str | None = None
    """The rating that means 'not rated', such as 0 or 99: such rows are left out."""
    wide: bool = False
    """Whether the file is a matrix, a line for each user and a column for each item."""
    min_user_ratings: int = 1
    """Users with fewer ratings are left out, and items likewise, until all that are left have enough."""
    min_item_ratings: int = 1
    """Items with fewer ratings are left out."""
    duplicates: Literal["keep", "last", "mean"] = "keep"
    """What becomes of several ratings of an item by one user: all are kept, the last alone, or their mean."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "separator", SEPARATORS.get(self.separator or "", self.separator))
        if self.separator is not None and self.separator != "::" and (len(self.separator) != 1 or self.separator in '\r\n"'):
            raise UserError(f"the separator '{self.separator}' came; it is one character, '::', tab or space")
        if self.duplicates not in DUPLICATES:
            raise unknown_name("way with duplicates", self.duplicates, DUPLICATES)
        for name in ("min_user_ratings", "min_item_ratings"):
            if getattr(self, name) < 1:
                raise UserError(f"{name} {getattr(self, name)} came; it is a count, 1 or above")
        if self.scale is not None and self.levels is not None:
            raise UserError("a scale and levels came; a scale names every rating, and levels bin ratings that have no scale")
        if self.encoding is not None:
            _check_encoding(self.encoding)


def _check_encoding(name: str) -> None:
    import codecs

    try:
        codecs.lookup(name)
    except LookupError:
        raise UserError(f"unknown encoding '{name}'; it is one of Python's, such as utf-8, latin-1, cp1252 or utf-16") from None
