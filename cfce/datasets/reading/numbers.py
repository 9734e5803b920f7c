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


def same_number(text: str, other: str | None) -> bool:
    """Whether two fields are the same text or the same number.

    >>> same_number("99.00", "99"), same_number("", None)
    (True, False)
    """
    if other is None:
        return False
    if text.strip() == other.strip():
        return True
    return is_number(text) and is_number(other) and float(text.replace(",", ".", 1)) == float(other.replace(",", ".", 1))
