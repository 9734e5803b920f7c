"""Commands as functions, for a notebook or a script: their flags are keyword arguments, and what they give is a study.

    study = run(variants=["regression", "ce"], seeds=10, learning_rates=[5e-3, 0.03], out="reports/two")
    study = run(data="ratings.csv", columns={"user": "who", "item": "what", "rating": "stars"}, optimizer="sgd")

Each call is the command line of the same flags: checks, defaults, the study folder and what it keeps of the command are the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.cli.app import FAILED, OK, flags_of, invoke, sentence_of
from bench.cli.interrupt import INTERRUPTED
from bench.cli.training import default_name
from bench.harness.process import script_left_alone
from bench.notebook import Study, load_study
from cfce.errors import UserError, unknown_name

Names = str | Sequence[str]
Numbers = float | str | Sequence[float]
Places = str | Path | Sequence[str | Path]


def run(
    *,
    dataset: str | None = None,
    data: str | Path | None = None,
    columns: str | Mapping[str, str] | None = None,
    scale: str | Sequence[float] | None = None,
    preset: str = "default",
    protocol: str | None = None,
    variants: Names | None = None,
    seeds: int | None = None,
    splits: int | None = None,
    crossed: bool = False,
    orders: int | None = None,
    primary: str | None = None,
    reference: str | None = None,
    learning_rates: Numbers | None = None,
    epochs: Numbers | None = None,
    batch_size: Numbers | None = None,
    weight_decay: Numbers | None = None,
    factors: Numbers | None = None,
    sampler: Names | None = None,
    option: Mapping[str, Any] | None = None,
    devices: Names | None = None,
    engine: str | None = None,
    executor: str = "local",
    jobs: int | None = None,
    trial_timeout: float | None = None,
    resume: bool = True,
    plugin: Places | None = None,
    out: str | Path | None = None,
    **more: Any,
) -> Study:
    """Train what is missing of a plan, write its report, and give the study: ``bench run`` with its flags as arguments.

    ``more`` is any other flag of ``bench run``, or an option of a variant (``optimizer="sgd"``), one value or several that are
    crossed; ``option`` is for options that share their name with a flag. Raises ``UserError`` for what the command refuses.
    Trials that failed are rows of the study with their reason.
    """
    given = {name: value for name, value in locals().items() if name not in ("more", "out")} | more
    path = Path(out) if out is not None else Path("reports") / default_name(preset, dataset, None if data is None else Path(data))
    return _study("run", given, path)


def tune(
    *,
    dataset: str | None = None,
    data: str | Path | None = None,
    columns: str | Mapping[str, str] | None = None,
    scale: str | Sequence[float] | None = None,
    variants: Names | None = None,
    budget: int = 60,
    seconds: float | None = None,
    metric: str = "nll",
    splits: int = 5,
    seeds: int = 3,
    sampler: str = "tpe",
    seed: int = 0,
    protocol: str = "random-80-10-10",
    space: str | Path | None = None,
    option: Mapping[str, Any] | None = None,
    executor: str = "local",
    jobs: int | None = None,
    resume: bool = True,
    plugin: Places | None = None,
    out: str | Path | None = None,
    **more: Any,
) -> Study:
    """Search the options of each variant with the same budget: ``bench tune`` with its flags as arguments; the study of it.

    ``more`` is any other flag of ``bench tune``, or an option of a variant at one value (``optimizer="sgd"``). Raises
    ``UserError`` for what the command refuses.
    """
    given = {name: value for name, value in locals().items() if name not in ("more", "out")} | more
    name = default_name("ml-100k", dataset, None if data is None else Path(data))
    return _study("tune", given, Path(out) if out is not None else Path("reports") / f"tuned-{name}")


def _study(command: str, given: Mapping[str, Any], out: Path) -> Study:
    """Run a command into a study folder; the study."""
    with script_left_alone():
        code = _called([command, *arguments(command, {**given, "out": out})])
    if code == INTERRUPTED:
        raise KeyboardInterrupt
    if code not in (OK, FAILED):
        raise UserError(f"'bench {command}' ended with exit code {code}; its own lines say why")
    return load_study(out)


def _called(line: Sequence[str]) -> int:
    try:
        return invoke(line)
    except UserError:
        raise
    except Exception as error:
        sentence = sentence_of(error)
        if sentence is None or isinstance(error, OSError):
            raise
        raise UserError(sentence) from error


def arguments(command: str, given: Mapping[str, Any]) -> list[str]:
    """The command line of some flags by their name in Python; what is at its default or None is left out.

    A name that is no flag is an option of a variant. Raises ``UserError`` where the command has no options of variants either.

    >>> arguments("run", {"variants": ["ce", "bias"], "seeds": 5, "crossed": True, "resume": True, "gap": 0.5})
    ['--variants', 'ce,bias', '--seeds', '5', '--crossed', '--option', 'gap=0.5']
    """
    flags = flags_of(command)
    line: list[str] = []
    for name, value in ((name, _plain(value)) for name, value in given.items()):
        if value is None:
            continue
        if name not in flags:
            if "option" not in flags:
                raise unknown_name(f"argument of {command}", name, flags)
            line += ["--option", f"{name}={_text(value)}"]
            continue
        flag = flags[name]
        if value == flag.default:
            continue
        if isinstance(value, bool) and flag.is_flag:
            if value or flag.secondary_opts:
                line.append(flag.opts[0] if value else flag.secondary_opts[0])
        elif flag.multiple:
            for one in _each(value):
                line += [flag.opts[0], one]
        else:
            line += [flag.opts[0], _text(value)]
    return line


def _plain(value: Any) -> Any:
    """A value that compares as one: arrays, series, ranges and generators as lists, NumPy's numbers as Python's."""
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, Iterable) and not isinstance(value, str | Path | Mapping):
        return list(value)
    return value


def _each(value: Any) -> Iterable[str]:
    """The values of a flag that may come more than once."""
    if isinstance(value, Mapping):
        return [f"{name}={_text(one)}" for name, one in value.items()]
    return [str(value)] if isinstance(value, str | Path) else [str(one) for one in value]


def _text(value: Any) -> str:
    """A value as a command line has it; several are separated by commas."""
    if isinstance(value, Mapping):
        return ",".join(f"{name}={one}" for name, one in value.items())
    if isinstance(value, str | Path) or not isinstance(value, Iterable):
        return str(value).lower() if isinstance(value, bool) else str(value)
    return ",".join(_text(one) for one in value)
