"""What the commands that train have in common: flags, how a study is fitted, where it goes, and how a command that stops ends."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bench.cli.data_flags import DataFlags
from bench.cli.interrupt import Interrupted
from bench.cli.options import command_line
from bench.cli.terminal import unwritten
from cfce.errors import FailedError, UserError
from cfce.files import NO_ROOM

if TYPE_CHECKING:
    from bench.harness.keeping import Reduce
    from bench.harness.progress import Detail
    from bench.harness.run import HowToRun
    from bench.study import Study
    from bench.variants.programs import NamedCommand
    from cfce.scale import RatingScale

KEEPS = ("predictions", "scores")
"""What may be kept of a trial."""

Variants = Annotated[str | None, typer.Option(help="Names separated by commas, see 'bench list'.")]
Executor = Annotated[str, typer.Option(help="Where trials run, see 'bench list'.")]
RayAddress = Annotated[str | None, typer.Option(help="HOST:PORT of a Ray cluster. Default: one that is started here.")]
Jobs = Annotated[int | None, typer.Option(help="Worker processes, one thread each. Default: as many as cores.")]
TrialTimeout = Annotated[float, typer.Option(help="Seconds after which a trial counts as hung.")]
Keep = Annotated[
    str,
    typer.Option(
        help="predictions, or scores: those and their sums by user in the place of predictions, for data of many ratings. "
        "Without predictions there are no seed ensembles, no gains by groups, and no scores of metrics added later."
    ),
]
Resume = Annotated[bool, typer.Option(help="Keep the finished trials of the folder, or set all aside.")]


def how_to_run(
    executor: str,
    jobs: int | None,
    trial_timeout: float,
    resume: bool,
    keep: str,
    plugins: tuple[Path, ...],
    programs: "tuple[NamedCommand, ...]",
    data: DataFlags,
    *,
    address: str | None = None,
    at_once: int | None = None,
    detail: "Detail" = "automatic",
) -> "HowToRun":
    """How the trials of this command are fitted; ``UserError`` for a value that a flag does not allow."""
    from bench.comparison.at_hand import scorer
    from bench.harness.executor import EXECUTORS
    from bench.harness.run import HowToRun
    from bench.harness.settings import Source
    from bench.study.environment import cores
    from bench.variants.luggage import Parts

    chosen = EXECUTORS[executor]
    if address is not None and not chosen.elsewhere:
        raise UserError(f"--ray-address {address} came with --executor {executor}, which trains here; pass --executor ray")
    if jobs is not None and jobs < 1:
        raise UserError(f"--jobs {jobs} came; it is a number of worker processes, 1 or above")
    check_timeout(trial_timeout)
    if keep not in KEEPS:
        raise UserError(f"--keep {keep} came; it is {' or '.join(KEEPS)}")
    chosen.check(address or "")
    return HowToRun(
        jobs=jobs or (0 if address else cores()),
        at_once=at_once,
        trial_timeout=trial_timeout,
        resume=resume,
        prepare=Parts(tuple(path.resolve() for path in plugins), programs),
        command=command_line(),
        source=Source(data.path, data.options),
        executor=executor,
        address=address or "",
        detail=detail,
        reducing=_reducer if keep == "scores" else None,
        scoring=None if keep == "scores" else scorer,
    )


def check_timeout(seconds: float) -> None:
    """Raise ``UserError`` for a ``--trial-timeout`` that is no time."""
    if not seconds > 0:
        raise UserError(f"--trial-timeout {seconds:g} came; it is a number of seconds above 0, such as 3600")


def _reducer(scale: "RatingScale") -> "Reduce":
    """The function from predictions to scores, imported when the first are there."""
    from bench.comparison.kept import Reducer

    return Reducer(scale)


@contextlib.contextmanager
def resumable(command: str) -> Iterator[None]:
    """Where work is interrupted or a disk is full, the command that resumes it is told."""
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted(f"interrupted; this resumes: {command}") from None
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        raise FailedError(f"{unwritten(error)}; the finished trials are safe; this resumes: {command}") from error


def write_report_of(study: "Study", tell: Callable[[str], None] | None = None) -> list[str]:
    """The report, imported when there is something to report; ``tell`` is called with its answer."""
    from bench.report import write_report

    return write_report(study, tell=tell)


def default_name(preset: str, dataset: str | None, data: Path | None) -> str:
    """The folder under ``reports/`` where no ``--out`` came.

    >>> default_name("default", None, None), default_name("quick", None, None), default_name("blog", "synthetic-1000", None)
    ('default', 'quick', 'blog-synthetic-1000')
    >>> default_name("default", None, Path("mine.csv"))
    'mine'
    >>> default_name("default", None, Path("ml-100k.csv"))  # a file, whatever it is called
    'ml-100k'
    """
    from cfce.datasets import dataset_at

    source = dataset or ("ml-100k" if data is None else data.stem)
    safe = "".join(sign if sign.isalnum() or sign in "-_" else "-" for sign in source).strip("-") or "data"
    if safe == "ml-100k" and (data is None or dataset_at(data).name == "ml-100k"):
        return preset
    return safe if preset == "default" else f"{preset}-{safe}"
