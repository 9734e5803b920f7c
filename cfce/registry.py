"""Parts of one kind by name: what registers them, finds them and says where each came from."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from cfce.errors import UserError, unknown_name
from cfce.text import NAME, plain_name, short

T = TypeVar("T")

BUILT_IN = "cfce"
"""The source of a part that no plug-in registered."""


class Registry(Mapping[str, T]):
    """A read-only mapping of names to parts of one kind, filled by ``register``.

    >>> samplers = Registry[str]("sampler")
    >>> samplers.register("bootstrap", "with replacement")
    'with replacement'
    >>> samplers["bootstrp"]
    Traceback (most recent call last):
    cfce.errors.UserError: unknown sampler 'bootstrp' (did you mean 'bootstrap'?); allowed: bootstrap
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._parts: dict[str, T] = {}
        self._sources: dict[str, str] = {}

    def register(self, name: str, part: T, source: str = BUILT_IN) -> T:
        """Put a part under its name; ``UserError`` for a name that is taken or that no table can show."""
        if not isinstance(name, str) or not name or name != plain_name(name) or len(name) > NAME or not name.isprintable():
            raise UserError(
                f"{self.kind} '{short(name, NAME)}' came; a name is 1 to {NAME} printable characters without blanks at its ends"
            )
        if name in self._parts:
            raise UserError(f"{self.kind} '{name}' is registered already, by {self._sources[name]}; choose another name")
        self._parts[name] = part
        self._sources[name] = source
        return part

    def source(self, name: str) -> str:
        """Where a part was registered: ``'cfce'``, a plug-in file, or the module of an entry point."""
        self[name]
        return self._sources[name]

    def mark(self, name: str, source: str) -> None:
        """Say where a part was registered."""
        self[name]
        self._sources[name] = source

    def forget(self, name: str) -> None:
        """Take a part out, as of a plug-in that failed or is read again."""
        del self._parts[name], self._sources[name]

    def __getitem__(self, name: str) -> T:
        if name not in self._parts:
            raise unknown_name(self.kind, name, self._parts)
        return self._parts[name]

    def get(self, name: str, default: Any = None) -> Any:
        """The part of that name, or ``default``."""
        return self._parts.get(name, default)

    def __contains__(self, name: object) -> bool:
        return name in self._parts

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)
