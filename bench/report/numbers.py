"""How numbers are written, and the spread of a few of them."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from bench.comparison.digits import places

NONE = "–"
"""What stands where there is no number."""


@dataclass(frozen=True)
class Spread:
    """Mean, sample standard deviation, least, greatest, and how many numbers they are of."""

    mean: float
    sd: float
    low: float
    high: float
    n: int

    @classmethod
    def of(cls, numbers: Iterable[float | None]) -> "Spread":
        """The spread of the finite ones among some numbers; NaN throughout, and n = 0, for none.

        >>> Spread.of([1.0, 3.0, None])
        Spread(mean=2.0, sd=1.4142135623730951, low=1.0, high=3.0, n=2)
        """
        finite = [float(number) for number in numbers if number is not None and math.isfinite(number)]
        n = len(finite)
        if not n:
            return cls(math.nan, math.nan, math.nan, math.nan, 0)
        mean = math.fsum(finite) / n
        sd = math.sqrt(math.fsum((number - mean) ** 2 for number in finite) / (n - 1)) if n > 1 else math.nan
        return cls(mean, sd, min(finite), max(finite), n)


def number(value: float | None, digits: int = 4) -> str:
    """A number with a fixed count of decimals, or a dash where there is none.

    >>> number(0.91234), number(float("nan")), number(-0.00001)
    ('0.9123', '–', '0.0000')
    """
    if value is None or not math.isfinite(value):
        return NONE
    text = f"{value:.{digits}f}"
    return text[1:] if text.startswith("-") and not text.strip("-0.") else text


def plus_minus(spread: Spread, most: int = 4) -> str:
    """Mean ± standard deviation, to two digits of this but at most ``most`` decimals; the mean alone for one number.

    >>> plus_minus(Spread.of([1.0, 3.0])), plus_minus(Spread.of([0.2261, 0.2275])), plus_minus(Spread.of([2.0]))
    ('2.0 ± 1.4', '0.2268 ± 0.0010', '2.0000')
    """
    digits = min(most, places(spread.sd, most))
    mean = number(spread.mean, digits)
    return mean if math.isnan(spread.sd) else f"{mean} ± {number(spread.sd, digits)}"


def plus_minus_of(n: int, spread: Spread, most: int = 4) -> str:
    """Mean ± standard deviation of ``n`` numbers, and how many of them are finite where not all are.

    >>> plus_minus_of(2, Spread.of([1.0, 3.0])), plus_minus_of(3, Spread.of([1.0, 3.0, math.inf]))
    ('2.0 ± 1.4', '2.0 ± 1.4 (n = 2)')
    """
    return f"{plus_minus(spread, most)} (n = {spread.n})" if 0 < spread.n < n else plus_minus(spread, most)


def rate(value: float) -> str:
    """A learning rate, short; a dash where there is none.

    >>> rate(0.005), rate(float("nan"))
    ('0.005', '–')
    """
    return f"{value:g}" if math.isfinite(value) else NONE


def at_rate(value: float, before: str = " at ") -> str:
    """Words for a learning rate after a name; none where there is none.

    >>> at_rate(0.1), at_rate(float("nan"))
    (' at learning rate 0.1', '')
    """
    return f"{before}learning rate {value:g}" if math.isfinite(value) else ""


def significant(value: float | None, digits: int = 3) -> str:
    """A number with a few significant digits and thousands set apart.

    >>> significant(712345.6), significant(0.11234), significant(None)
    ('712,000', '0.112', '–')
    """
    if value is None or not math.isfinite(value):
        return NONE
    if value == 0:
        return "0"
    places = digits - 1 - math.floor(math.log10(abs(value)))
    rounded = round(value, places)
    return f"{rounded:,.{max(0, places)}f}"


def percent(share: float | None, digits: int = 1) -> str:
    """A share as per cent.

    >>> percent(0.6234)
    '62.3 %'
    """
    return NONE if share is None or not math.isfinite(share) else f"{100 * share:.{digits}f} %"


def difference_with_interval(difference: float, low: float, high: float, sign: bool = True) -> str:
    """A difference and its interval, with as many decimals as two digits of half its width have; four without an interval.

    >>> difference_with_interval(-0.005234, -0.006012, -0.004411)
    '-0.00523 [-0.00601, -0.00441]'
    >>> difference_with_interval(0.0513, 0.0156, 0.0870, sign=False), difference_with_interval(0.5, math.nan, math.nan)
    ('0.051 [0.016, 0.087]', '+0.5000')
    """
    digits = places((high - low) / 2)
    text = number(difference, digits)
    text = f"+{text}" if sign and difference >= 0 else text
    return f"{text} [{number(low, digits)}, {number(high, digits)}]" if low == low else text
