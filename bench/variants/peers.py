"""The peers: other libraries' models as variants, each a script in ``bench/peers`` with an environment of its own."""

from pathlib import Path

from bench.variants.variant import register_variant
from cfce.estimators.program import Command, Program

FOLDER = Path(__file__).parents[1] / "peers"


def scripts() -> list[Path]:
    """The script of every peer; a file whose name begins with ``_`` is what several share."""
    return sorted(path for path in FOLDER.glob("*.py") if not path.name.startswith("_"))


for _path in scripts():
    _estimator = Program.of(Command((_path.name,), FOLDER))
    register_variant(_path.stem.replace("_", "-"), _estimator.description, estimator=_estimator)
