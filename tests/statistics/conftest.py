"""The proof on whole banks takes minutes and runs under ``-m statistics`` alone: ``tox -e statistics``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # for ``proofs``


def pytest_collection_modifyitems(config, items):
    if "statistics" in (config.getoption("markexpr") or ""):
        return
    kept = [item for item in items if item.get_closest_marker("statistics") is None]
    if len(kept) < len(items):
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = kept
