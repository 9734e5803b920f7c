"""Objectives by name: one dict, one function."""

from cfce.errors import UserError, unknown_name
from cfce.objectives.base import Objective

OBJECTIVES: dict[str, Objective] = {}
"""Every registered objective by its name."""


def register_objective(objective: Objective) -> Objective:
    """Put an objective under its name; a name that is taken raises ``UserError``."""
    if objective.name in OBJECTIVES:
        raise UserError(f"objective '{objective.name}' is registered already; choose another name")
    OBJECTIVES[objective.name] = objective
    return objective


def objective_named(name: str) -> Objective:
    """The objective of that name; an unknown name suggests the nearest and lists all."""
    if name not in OBJECTIVES:
        raise unknown_name("objective", name, OBJECTIVES)
    return OBJECTIVES[name]
