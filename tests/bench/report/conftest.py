"""One study with troubles and a hostile name, its report written once."""

import pytest

from bench.report import write_report
from bench.study import Study


@pytest.fixture(scope="session")
def reported(tmp_path_factory, study_maker) -> Study:
    """A small study whose report has been written."""
    study = study_maker.make_study(tmp_path_factory.mktemp("studies") / "demo", learning_rates=(5e-3, 3e-2, 0.1), n_rows=300)
    assert not [line for line in write_report(study) if "could not be made" in line]
    return study
