"""Fields that are numbers."""


def is_number(text: str) -> bool:
    """Whether a field holds a number.

    >>> is_number(" 3.5"), is_number("3,5"), is_number("good"), is_number("")
    (True, True, False, False)
    """
    try:
        float(text.replace(",", ".", 1))
    except ValueError:
        return False
    return True


def number_in(text: str, decimal_comma: bool) -> float | None:
    """The number that a field holds, perhaps not a finite one, or None.

    >>> number_in(" 2,5", True), number_in("NaN", False), number_in("1_0", False)
    (2.5, nan, None)
    """
    text = text.strip()
    if decimal_comma and text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    try:
        return float(text) if "_" not in text else None
    except ValueError:
        return None


def same_number(text: str, other: str | None) -> bool:
    """Whether two fields are the same text, without case, or the same number.

    >>> same_number("99.00", "99"), same_number("NaN", "nan"), same_number("", None)
    (True, True, False)
    """
    if other is None:
        return False
    if text.strip().lower() == other.strip().lower():
        return True
    return is_number(text) and is_number(other) and float(text.replace(",", ".", 1)) == float(other.replace(",", ".", 1))
