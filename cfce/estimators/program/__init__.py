"""The estimator ``Program``: any command that reads a folder with train, valid and test and writes its predictions there."""

from cfce.estimators.program.command import Command
from cfce.estimators.program.declaration import Declaration
from cfce.estimators.program.program import Program

__all__ = ["Command", "Declaration", "Program"]
