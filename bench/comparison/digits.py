"""As many digits as a number's uncertainty supports."""

import math

MOST = 8


def places(uncertainty: float, otherwise: int = 4) -> int:
    """The decimals that two digits of an uncertainty have, at least one; ``otherwise`` where it is unknown or zero.

    >>> places(0.0123), places(3.2), places(250.0), places(float("nan"))
    (3, 1, 1, 4)
    """
    if not math.isfinite(uncertainty) or uncertainty <= 0:
        return otherwise
    return min(MOST, max(1, 1 - math.floor(math.log10(uncertainty))))


def p_value(p: float) -> str:
    """A p-value with two digits.

    >>> p_value(0.0123), p_value(1e-6), p_value(0.99999)
    ('0.012', '< 0.0001', '1')
    """
    return "< 0.0001" if p < 0.0001 else f"{p:.2g}"
