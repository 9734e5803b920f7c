"""Options: the fields of a frozen dataclass, checked when made, from which flags, grids and columns derive."""

import ast
import inspect
import math
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cache
from itertools import pairwise
from typing import Any, get_type_hints

from cfce.errors import UserError, unknown_name
from cfce.search import RANGES, Range, searched

KINDS: dict[type, str] = {bool: "true or false", int: "a whole number", float: "a number", str: "a word"}
"""The types that an option may have, and how they are called."""

SAMPLERS = {
    "permutation": "each training rating once an epoch, in a new random order",
    "bootstrap": "as many draws with replacement as there are ratings: fastai's stock tabular loader since 2.7.15",
}

OPTIMIZERS = {
    "adam": "fastai's Adam with decoupled weight decay, one step a batch, one-cycle schedule",
    "sgd": "gradient descent, one step a rating, with L2 regularisation and a rate that falls each epoch; engine fused alone",
}


@dataclass(frozen=True)
class Option:
    """One option: a field of a dataclass, as flags, tables and grids see it."""

    name: str
    kind: type
    default: Any
    text: str = ""
    ranges: tuple[Range, ...] = ()
    """Where a search looks: the first that holds beside the values of other options; none for an option that it leaves alone."""
    of: type | None = None
    """The dataclass whose field it is."""

    @property
    def help(self) -> str:
        """What it is, in a line: ``text``, or the docstring line under the field, read when it is asked for."""
        return self.text if self.text or self.of is None else field_docs(self.of).get(self.name, "")

    def value(self, given: Any) -> Any:
        """A given value in the option's own type: text is read, a whole number serves as a number.

        >>> Option("epochs", int, 5).value("7"), Option("weight_decay", float, 0.1).value(1)
        (7, 1.0)
        >>> Option("epochs", int, 5).value(1.5)
        Traceback (most recent call last):
        cfce.errors.UserError: epochs 1.5 came; it is a whole number, such as 5
        """
        found = _read(given, self.kind) if isinstance(given, str) and self.kind is not str else given
        if self.kind is float and type(found) is int:
            found = float(found)
        if type(found) is not self.kind:
            raise UserError(
                f"{self.name.replace('_', ' ')} {given} came; it is {KINDS[self.kind]}, such as {shown(self.default)}"
            )
        return found


class OptionValues(Mapping[str, Any]):
    """Values of options by name, which cannot change and can be a key.

    >>> values = OptionValues({"epochs": 5, "learning_rate": 0.1})
    >>> values["epochs"], values.replaced(epochs=2) == OptionValues({"epochs": 2, "learning_rate": 0.1})
    (5, True)
    """

    def __init__(self, values: Mapping[str, Any] | None = None) -> None:
        self._values = dict(values or {})

    def replaced(self, **changes: Any) -> "OptionValues":
        """The same with some values changed."""
        return OptionValues({**self._values, **changes})

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __hash__(self) -> int:
        return hash(frozenset(self._values.items()))

    def __repr__(self) -> str:
        return f"OptionValues({self._values})"


class Options:
    """A frozen dataclass whose fields are options: their types are checked when it is made."""

    def __post_init__(self) -> None:
        for name, option in options_of(type(self)).items():
            object.__setattr__(self, name, option.value(getattr(self, name)))


def options_of(part: Any) -> dict[str, Option]:
    """The options that a dataclass has, or an instance of one with its values as defaults; none for anything else."""
    kind = part if isinstance(part, type) else type(part)
    if not is_dataclass(kind):
        return {}
    found = _options_of_class(kind)
    if isinstance(part, type):
        return dict(found)
    return {name: replace(one, default=getattr(part, name)) for name, one in found.items()}


@cache
def _options_of_class(kind: type) -> dict[str, Option]:
    hints = get_type_hints(kind)
    found = {}
    for one in fields(kind):
        if hints[one.name] in KINDS:
            ranges = tuple(one.metadata.get(RANGES, ()))
            found[one.name] = Option(one.name, hints[one.name], one.default, ranges=ranges, of=kind)
    return found


@cache
def field_docs(kind: type) -> Mapping[str, str]:
    """The docstring line under each field, of the class and of those that it is derived from."""
    docs: dict[str, str] = {}
    for one in reversed(kind.__mro__):
        try:
            (tree,) = ast.parse(textwrap.dedent(inspect.getsource(one))).body
        except (OSError, TypeError, SyntaxError, ValueError):
            continue
        body = getattr(tree, "body", [])
        for before, after in pairwise(body):
            is_text = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) and isinstance(after.value.value, str)
            if isinstance(before, ast.AnnAssign) and isinstance(before.target, ast.Name) and is_text:
                docs[before.target.id] = " ".join(after.value.value.split())
    return docs


def _read(text: str, kind: type) -> Any:
    """A value read from text; the text itself where it is none of that kind."""
    stripped = text.strip()
    if kind is bool:
        return {"true": True, "false": False}.get(stripped.lower(), text)
    if "_" in stripped:
        return text
    try:
        return kind(stripped)
    except ValueError:
        return text


def shown(value: Any) -> str:
    """A value as flags and tables write it."""
    return f"{value:g}" if isinstance(value, float) else str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True)
class TrainingOptions(Options):
    """The options of one training; the defaults are those of chapter 8 of the fastai book."""

    learning_rate: float = field(default=5e-3, metadata=searched(Range(1e-3, 0.2, log=True)))
    """Peak of the one-cycle schedule; with sgd, the rate of the first epoch."""
    epochs: int = field(
        default=5,
        metadata=searched(Range(2, 16, log=True, when="optimizer=adam"), Range(10, 80, log=True, when="optimizer=sgd")),
    )
    """Passes over the training ratings."""
    batch_size: int = field(default=64, metadata=searched(Range(48, 512, log=True, when="optimizer=adam")))
    """Ratings a step; a last partial batch is dropped, as fastai does."""
    weight_decay: float = field(default=0.1, metadata=searched(Range(3e-3, 1.0, log=True, when="optimizer=adam")))
    """Decoupled decay: a step multiplies each decaying weight by 1 - learning rate x decay."""
    n_factors: int = field(default=50, metadata=searched(Range(1, 64, log=True)))
    """Length of a user's or an item's vector of latent factors."""
    sampler: str = field(
        default="permutation",
        metadata=searched(Range(choices=("permutation", "bootstrap"), when="optimizer=adam")),
    )
    """How an epoch draws its ratings: permutation or bootstrap."""

    optimizer: str = "adam"
    """How weights are moved: adam or sgd."""
    regularization: float = field(default=0.02, metadata=searched(Range(5e-3, 0.5, log=True, when="optimizer=sgd")))
    """L2, with sgd: a step multiplies each weight that a rating meets by 1 - learning rate x regularization."""
    rate_decay: float = field(default=1.0, metadata=searched(Range(0.9, 1.0, when="optimizer=sgd")))
    """With sgd: the learning rate of an epoch over that of the epoch before."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (math.isfinite(self.learning_rate) and self.learning_rate > 0):
            raise UserError(
                f"learning rate {self.learning_rate:g} came; a learning rate is a finite number above 0, such as 5e-3"
            )
        if not (math.isfinite(self.weight_decay) and self.weight_decay >= 0):
            raise UserError(
                f"weight decay {self.weight_decay:g} came; a weight decay is a finite number, 0 or above, such as 0.1"
            )
        for name in ("epochs", "batch_size", "n_factors"):
            if getattr(self, name) < 1:
                raise UserError(f"{name.replace('_', ' ')} {getattr(self, name)} came; it is a whole number, 1 or above")
        if self.sampler not in SAMPLERS:
            raise unknown_name("sampler", self.sampler, SAMPLERS)
        if self.optimizer not in OPTIMIZERS:
            raise unknown_name("optimizer", self.optimizer, OPTIMIZERS)
        if not (math.isfinite(self.regularization) and self.regularization >= 0):
            raise UserError(
                f"regularization {self.regularization:g} came; a regularization is a finite number, 0 or above, such as 0.02"
            )
        if not 0 < self.rate_decay <= 1:
            raise UserError(f"rate decay {self.rate_decay:g} came; a rate decay is above 0 and at most 1, such as 0.95")
