"""What the plans of a study, or flags, declare for a table of verdicts.

A primary comparison is corrected alone and stands first; the rest of the table is exploratory. With a reference only the pairs
with it are compared, so there are fewer to correct for.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bench.plan.declared import Primary, read_primary
from cfce.errors import UserError, unknown_name


@dataclass(frozen=True)
class Declared:
    """The primary comparisons and the reference of a table."""

    primary: tuple[Primary, ...] = ()
    reference: str | None = None
    late: tuple[Primary, ...] = ()
    """Primary comparisons of a later plan than the first: declared when trainings may have been seen."""
    unknown_primary: tuple[str, ...] = ()
    """Why primary comparisons that plans declare are not in the table."""
    unknown_reference: tuple[str, ...] = ()
    """The same of the reference that plans declare."""

    def is_primary(self, a: str, b: str, metric: str) -> bool:
        """Whether this comparison is a primary one."""
        return any(one.is_of(a, b, metric) for one in self.primary)


def declared_in(plans: Sequence[Mapping[str, Any]], names: Collection[str]) -> Declared:
    """What the plans of a study declare, for configurations ``names``: every primary comparison, and the latest reference."""
    primary: list[Primary] = []
    late: list[Primary] = []
    unknown: list[str] = []
    reference = None
    for number, plan in enumerate(plans):
        reference = plan["plan"].get("reference") or reference
        text = plan["plan"].get("primary")
        if text:
            try:
                found = read_primary(text, names)
            except UserError as error:
                unknown.append(f"the primary comparison {text} of a plan is not in this table: {error}")
                continue
            if found not in primary:
                primary.append(found)
                late += [found] if number else []
    if reference is not None and reference not in names:
        lost = (f"the reference '{reference}' of a plan is not in this table; every pair is compared",)
        return Declared(tuple(primary), None, tuple(late), tuple(unknown), lost)
    return Declared(tuple(primary), reference, tuple(late), tuple(unknown))


def declared_by_flags(primary: str | None, reference: str | None, of_plans: Declared, names: Collection[str]) -> Declared:
    """What flags declare in place of the plans of a study; raises ``UserError`` for a name that is unknown."""
    if reference is not None and reference not in names:
        raise unknown_name("variant", reference, names)
    found = of_plans
    if primary is not None:
        found = replace(found, primary=(read_primary(primary, names),), late=(), unknown_primary=())
    if reference is not None:
        found = replace(found, reference=reference, unknown_reference=())
    return found
