"""Whether JSON from a file has the keys and types that its reader relies on."""

from collections.abc import Mapping
from typing import Any

Shape = Any
"""A type, a tuple of types, ``[shape]`` for a list of them, ``{key: shape}``, or a function that gives a reason or ``''``.

A key that ends in ``?`` may be absent; keys that a shape does not name may be there.
"""

NUMBER = (int, float)
KINDS = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    dict: "an object",
    list: "a list",
    type(None): "null",
}


def check_shape(value: Any, shape: Shape, where: str = "it") -> None:
    """Raise ``ValueError`` with the first place where a value has not the shape.

    >>> check_shape({"data": {"scale": [1, "2"]}}, {"data": {"scale": [NUMBER], "path?": str}})
    Traceback (most recent call last):
    ValueError: data.scale[1] is text, not a whole number or a number
    """
    if isinstance(shape, Mapping):
        _check_type(value, dict, where)
        for name, inner in shape.items():
            key = name.removesuffix("?")
            place = key if where == "it" else f"{where}.{key}"
            if key in value:
                check_shape(value[key], inner, place)
            elif key == name:
                raise ValueError(f"it has no {place}")
    elif isinstance(shape, list):
        _check_type(value, list, where)
        for at, one in enumerate(value):
            check_shape(one, shape[0], f"{where}[{at}]")
    elif isinstance(shape, type | tuple):
        _check_type(value, shape, where)
    elif reason := shape(value):
        raise ValueError(f"{where} {reason}")


def each(shape: Shape) -> Any:
    """The shape of an object whose values all have one shape, whatever its keys."""

    def check(value: Any) -> str:
        if not isinstance(value, dict):
            return "is not an object"
        for key, one in value.items():
            try:
                check_shape(one, shape, f"of '{key}'")
            except ValueError as error:
                return str(error)
        return ""

    return check


def _check_type(value: Any, kinds: type | tuple[type, ...], where: str) -> None:
    allowed = kinds if isinstance(kinds, tuple) else (kinds,)
    if type(value) not in allowed:  # not isinstance: true is no whole number
        came = KINDS.get(type(value), type(value).__name__)
        raise ValueError(f"{where} is {came}, not {' or '.join(KINDS[one] for one in allowed)}")
