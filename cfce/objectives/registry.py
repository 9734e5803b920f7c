"""Objectives by name."""

from cfce.objectives.base import Objective
from cfce.registry import Registry

OBJECTIVES: Registry[Objective] = Registry("objective")
"""Every registered objective by its name."""


def register_objective(objective: Objective) -> Objective:
    """Put an objective under its name; a name that is taken raises ``UserError``."""
    return OBJECTIVES.register(objective.name, objective)


def objective_named(name: str) -> Objective:
    """The objective of that name; an unknown name suggests the nearest and lists all."""
    return OBJECTIVES[name]
