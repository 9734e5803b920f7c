"""Where a search for options looks: the range of an option, declared beside its type and default."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cfce.errors import UserError

RANGES = "search"
"""The key of a dataclass field's metadata under which its ranges lie."""


@dataclass(frozen=True)
class Range:
    """Values of one option: from ``low`` to ``high``, both included, or one of ``choices``.

    >>> Range(1e-3, 0.1, log=True).edge(0.1), Range(1e-3, 0.1, log=True).edge(0.05), Range(choices=("a", "b")).edge("a")
    ('highest', '', '')
    """

    low: float = -math.inf
    high: float = math.inf
    """Both are given where there are no choices, and then finite. Not NaN, which would make equal ranges differ."""
    log: bool = False
    """Whether values are drawn evenly on the scale of their logarithm."""
    choices: tuple[Any, ...] = ()
    when: str = ""
    """``OPTION=VALUE`` on which it depends, such as ``optimizer=sgd``; elsewhere the option keeps its default."""

    def __post_init__(self) -> None:
        if self.choices:
            return
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise UserError(f"a range from {self.low:g} to {self.high:g} came; give a low that is below its high")
        if self.log and self.low <= 0:
            raise UserError(f"a logarithmic range from {self.low:g} came; a logarithm needs a low above 0")

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Whether it applies beside the values of other options.

        >>> Range(1, 2, when="optimizer=sgd").holds({"optimizer": "adam"}), Range(1, 2).holds({})
        (False, True)
        """
        name, _, wanted = self.when.partition("=")
        return not self.when or str(values.get(name)) == wanted

    def contains(self, value: Any) -> bool:
        """Whether a value lies within."""
        return value in self.choices if self.choices else self.low <= value <= self.high

    def edge(self, value: Any) -> str:
        """``'lowest'`` or ``'highest'`` where a value lies within 2 % of the range's width of an end; else empty."""
        if self.choices:
            return ""
        low, high, at = (math.log(one) for one in (self.low, self.high, value)) if self.log else (self.low, self.high, value)
        near = 0.02 * (high - low)
        return "lowest" if at <= low + near else "highest" if at >= high - near else ""

    @property
    def text(self) -> str:
        """The range in words, as tables show it.

        >>> Range(2, 16, log=True).text, Range(choices=("a", "b"), when="c=d").text
        ('2 to 16, logarithmic', 'a or b (where c=d)')
        """
        what = " or ".join(map(str, self.choices)) if self.choices else f"{self.low:g} to {self.high:g}"
        return f"{what}{', logarithmic' if self.log else ''}{f' (where {self.when})' if self.when else ''}"

    def to_json(self) -> dict[str, Any]:
        """The range as plain JSON values, what is at its default left out."""
        bounds = {"choices": list(self.choices)} if self.choices else {"low": self.low, "high": self.high, "log": self.log}
        return {**bounds, **({"when": self.when} if self.when else {})}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "Range":
        """The range that ``to_json`` wrote."""
        return cls(**{**content, "choices": tuple(content.get("choices", ()))})


def searched(*ranges: Range) -> dict[str, tuple[Range, ...]]:
    """The metadata of a field whose option a search may vary; of several ranges the first that holds is used."""
    return {RANGES: ranges}
