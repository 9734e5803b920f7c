"""Whether a program is still the one that a trial is of: it is read anew by every fit, so an edit during a run reaches it."""

from pathlib import Path

from bench.plan.code_version import code_version, forget_files
from bench.plan.source_code import with_imports
from bench.plan.trial import Trial
from bench.variants.variant import VARIANTS
from cfce.errors import UserError
from cfce.estimators import Program
from cfce.protocols import PROTOCOLS
from cfce.registry import BUILT_IN

Stamp = tuple[tuple[Path, int, int], ...]


class Edits:
    """Compares programs with the code of their trials; again only where a file looks edited."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, Stamp]] = {}

    def refuse(self, trial: Trial) -> None:
        """Raise ``UserError`` where the files of a trial's program are no longer those of its code version."""
        estimator = VARIANTS[trial.variant].estimator
        if not isinstance(estimator, Program) or VARIANTS.source(trial.variant) == BUILT_IN:
            return
        known = (trial.code, _stamp(estimator))
        if self._known.get(trial.variant) != known:
            forget_files()
            if code_version(estimator, trial.engine, PROTOCOLS[trial.protocol]) != trial.code:
                raise UserError("its files were edited while the command ran; run the command again, which fits it anew")
            self._known[trial.variant] = known


def _stamp(program: Program) -> Stamp:
    """When each file of a program was written, and its size."""
    files = [file for path in program.files for file in with_imports(path) if file.is_file()]
    return tuple((file, file.stat().st_mtime_ns, file.stat().st_size) for file in files)
