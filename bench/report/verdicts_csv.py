"""``verdicts.csv``: every verdict of a study, a row a pair and score, for other programs to read."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from bench.comparison.verdict import Verdict
from bench.report.results_csv import safe_csv

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "metric",
    "part",
    "a",
    "b",
    "verdict",
    "difference",
    "low",
    "high",
    "n",
    "n_splits",
    "n_pairs",
    "p",
    "p_holm",
    "margin",
    "further_seeds",
    "learning_rate_a",
    "learning_rate_b",
    "score_a",
    "score_b",
    "p_overlap",
    "p_ranks",
    "text",
    "generalises_to",
    "protocol",
)
"""The columns, in order: ``difference`` is the score of a minus that of b, ``low`` and ``high`` end its 95 % interval, and
``n`` counts the units that it is made from (splits, or seeds where there is one split)."""

TEXTS = ("a", "b", "text", "generalises_to", "protocol")


def verdicts_csv(verdicts: Mapping[str, Sequence[Verdict]]) -> bytes:
    """The verdicts under each protocol as CSV in UTF-8; names that could begin a formula get an apostrophe before them."""
    return safe_csv(verdicts_frame(verdicts), TEXTS)


def verdicts_frame(verdicts: Mapping[str, Sequence[Verdict]]) -> "pd.DataFrame":
    """The verdicts under each protocol, a row a pair and score, with the columns ``COLUMNS``."""
    import pandas as pd

    rows = [{**asdict(one), "protocol": protocol} for protocol, of_protocol in verdicts.items() for one in of_protocol]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    frame["further_seeds"] = frame["further_seeds"].astype("Int64")
    return frame
