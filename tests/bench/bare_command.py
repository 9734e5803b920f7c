"""The ``bench`` command without what costs most of a small run and what tests of fits do not look at: report and diagrams.

The report only counts the records.
"""

import sys
from types import ModuleType


def main() -> None:
    from bench.__main__ import main as bench
    from bench.harness.drawing import Drawing

    Drawing._start = lambda self: None
    bench()


if __name__ == "__main__":
    stand_in = ModuleType("bench.report")
    stand_in.write_report = lambda study, tell: (study.path / "report.md").write_text(f"{len(study.records)} records\n") and []
    sys.modules["bench.report"] = stand_in
    sys.modules["matplotlib.figure"] = None  # a run imports it for the report, while others train
    main()
