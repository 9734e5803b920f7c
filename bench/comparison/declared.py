"""What the plans of a study, or flags, declare for a table of verdicts.

A primary comparison is corrected alone and stands first; the rest of the table is exploratory. With a reference only the pairs
with it are compared, so there are fewer to correct for.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.plan.declared import Primary, read_primary
from cfce.errors import UserError, unknown_name


@dataclass(frozen=True)
class Declared:
    """The primary comparisons and the reference of a table; ``unknown`` are those that the study cannot answer, and why."""

    primary: tuple[Primary, ...] = ()
    reference: str | None = None
    unknown: tuple[str, ...] = ()
    late: tuple[Primary, ...] = ()
    """Primary comparisons of a later plan than the first: declared when trainings may have been seen."""

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
        reference = plan["plan"].get("reference") or reference
    if reference is not None and reference not in names:
        unknown.append(f"the reference '{reference}' of a plan is not in this table; every pair is compared")
        reference = None
    return Declared(tuple(primary), reference, tuple(unknown), tuple(late))


def declared_by_flags(primary: str | None, reference: str | None, of_plans: Declared, names: Collection[str]) -> Declared:
    """What flags declare in place of the plans of a study; raises ``UserError`` for a name that is unknown."""
    if reference is not None and reference not in names:
        raise unknown_name("variant", reference, names)
    if primary is None and reference is None:
        return of_plans
    given = of_plans.primary if primary is None else (read_primary(primary, names),)
    late = of_plans.late if primary is None else ()
    return Declared(given, of_plans.reference if reference is None else reference, of_plans.unknown, late)
