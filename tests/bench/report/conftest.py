"""One study with troubles and a hostile name, its report written once."""

import importlib.util
import sys
from pathlib import Path

import pytest

from bench.report import write_report
from bench.study import Study

MAKER = Path(__file__).parent.parent / "study_maker.py"


def _maker():
    if "study_maker" not in sys.modules:
        spec = importlib.util.spec_from_file_location("study_maker", MAKER)
        module = importlib.util.module_from_spec(spec)
        sys.modules["study_maker"] = module
        spec.loader.exec_module(module)
    return sys.modules["study_maker"]


@pytest.fixture(scope="session")
def study_maker():
    """The module that writes studies."""
    return _maker()


@pytest.fixture(scope="session")
def reported(tmp_path_factory) -> Study:
    """A small study whose report has been written."""
    study = _maker().make_study(tmp_path_factory.mktemp("studies") / "demo", learning_rates=(5e-3, 3e-2, 0.1), n_rows=300)
    assert not [line for line in write_report(study) if "could not be made" in line]
    return study
