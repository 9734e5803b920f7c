"""What a plan declares before its data are seen: a primary comparison, and a reference that everything is compared with.

A primary comparison is written ``A,B:SCORE``, such as ``ce,regression:nll``.
"""

from collections.abc import Collection
from dataclasses import dataclass

from cfce.errors import UserError, unknown_name
from cfce.metrics import METRICS

EXAMPLE = "ce,regression:nll"


@dataclass(frozen=True)
class Primary:
    """One comparison that was declared as primary."""

    a: str
    b: str
    metric: str

    def is_of(self, a: str, b: str, metric: str) -> bool:
        """Whether it is about these two, in either order, on this score."""
        return metric == self.metric and {a, b} == {self.a, self.b}

    def __str__(self) -> str:
        return f"{self.a},{self.b}:{self.metric}"


def read_primary(text: str, names: Collection[str]) -> Primary:
    """The comparison that a text declares, of two of ``names``; a name may hold commas and colons itself.

    Raises ``UserError`` for another form, a name or score that is unknown, or a score that has no verdicts.

    >>> read_primary("ce,regression:nll", ["ce", "regression"])
    Primary(a='ce', b='regression', metric='nll')
    """
    sides, metric = _sides(text)
    known = [(a, b) for a, b in sides if a in names and b in names]
    if not known:
        raise unknown_name("variant", next(name for name in sides[0] if name not in names), names)
    a, b = known[0]
    if a == b:
        raise UserError(f"--primary {text} came; name two different variants, such as {EXAMPLE}")
    return Primary(a, b, metric)


def check_declared(primary: str | None, reference: str | None, variants: Collection[str]) -> None:
    """Raise ``UserError`` for what a plan of ``variants`` cannot answer.

    A study may have several configurations of a variant, called after it and what tells them apart, such as ``'ce (bootstrap)'``.
    """
    if primary is not None:
        sides, _ = _sides(primary)
        if not any(_of_variant(a, variants) and _of_variant(b, variants) for a, b in sides):
            raise unknown_name("variant", next(name for name in sides[0] if not _of_variant(name, variants)), variants)
        if any(a == b for a, b in sides):
            raise UserError(f"--primary {primary} came; name two different variants, such as {EXAMPLE}")
    if reference is not None and not _of_variant(reference, variants):
        raise unknown_name("variant", reference, variants)


def _sides(text: str) -> tuple[list[tuple[str, str]], str]:
    """Every way to read a text as two names, and its score."""
    pair, _, metric = text.rpartition(":")
    parts = pair.split(",")
    if len(parts) < 2:
        raise UserError(f"--primary {text} came; it is A,B:SCORE, such as {EXAMPLE}")
    if METRICS[metric.strip()].loss is None:
        raise UserError(f"--primary {text} came; {METRICS[metric.strip()].label} has no verdicts, as it is no mean over ratings")
    sides = [(",".join(parts[:at]).strip(), ",".join(parts[at:]).strip()) for at in range(1, len(parts))]
    return sides, metric.strip()


def _of_variant(name: str, variants: Collection[str]) -> bool:
    return any(name == variant or name.startswith((f"{variant} (", f"{variant}, ")) for variant in variants)
