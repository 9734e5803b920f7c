"""The maker of studies, as the tests of reports have it."""

import importlib.util
import sys
from pathlib import Path

import pytest

MAKER = Path(__file__).parent.parent / "study_maker.py"


@pytest.fixture(scope="session")
def study_maker():
    """The module that writes studies."""
    if "study_maker" not in sys.modules:
        spec = importlib.util.spec_from_file_location("study_maker", MAKER)
        module = importlib.util.module_from_spec(spec)
        sys.modules["study_maker"] = module
        spec.loader.exec_module(module)
    return sys.modules["study_maker"]
