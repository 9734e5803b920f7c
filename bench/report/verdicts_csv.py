"""``verdicts.csv``: every verdict of a study, a row a pair and score, for other programs to read."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bench.comparison.verdict import Verdict
from bench.report import verdict_cells as cells
from bench.report.numbers import NONE
from bench.report.results_csv import safe_csv
from bench.statistics import Estimate, Robust

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
    "verdict_other_data",
    "low_other_data",
    "high_other_data",
    "p_other_data_holm",
    "p_better",
    "p_equivalent",
    "p_worse",
    "further_unit",
    "further_low",
    "further_high",
    "interquartile",
    "interquartile_low",
    "interquartile_high",
    "improvement",
    "improvement_low",
    "improvement_high",
    "raw_a",
    "raw_b",
    "lost_a",
    "lost_b",
    "imputed",
    "imputed_low",
    "imputed_high",
    "chosen_a",
    "chosen_b",
    "optimism_a",
    "optimism_b",
    "effective_users",
    "decidable_margin",
    "withheld",
    "caveats",
    "standing",
)
"""The columns, in order: ``difference`` is the score of a minus that of b, ``low`` and ``high`` end its 95 % interval, and
``n`` counts the units that it is made from (splits, or seeds where there is one split)."""

TEXTS = (
    "a",
    "b",
    "text",
    "generalises_to",
    "protocol",
    "verdict_other_data",
    "further_unit",
    "lost_a",
    "lost_b",
    "chosen_a",
    "chosen_b",
    "withheld",
    "caveats",
    "standing",
)
COUNTS = ("further_seeds", "further_low", "further_high")


def verdicts_csv(verdicts: Mapping[str, Sequence[Verdict]]) -> bytes:
    """The verdicts under each protocol as CSV in UTF-8; names that could begin a formula get an apostrophe before them."""
    return safe_csv(verdicts_frame(verdicts), TEXTS)


def verdicts_frame(verdicts: Mapping[str, Sequence[Verdict]]) -> "pd.DataFrame":
    """The verdicts under each protocol, a row a pair and score, with the columns ``COLUMNS``."""
    import pandas as pd

    rows = [{**_row(one), "protocol": protocol} for protocol, of_protocol in verdicts.items() for one in of_protocol]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    return frame.astype(dict.fromkeys(COUNTS, "Int64"))


def _row(one: Verdict) -> dict[str, Any]:
    """Everything that a verdict holds, in plain values; blank where there is nothing."""
    sides = {
        f"{name}_{side}": value
        for side, of_side in zip("ab", one.sides, strict=True)
        for name, value in {
            "raw": of_side.raw_score,
            "lost": cells.lost(of_side),
            "chosen": cells.chosen(of_side).replace(NONE, ""),
            "optimism": of_side.optimism,
        }.items()
    }
    return {
        **{name: getattr(one, name) for name in COLUMNS if hasattr(one, name)},
        **sides,
        **_interval(one.other_data, "_other_data"),
        **dict(zip(("p_better", "p_equivalent", "p_worse"), one.chances, strict=True)),
        **(
            {"further_unit": one.further.unit, "further_low": one.further.low, "further_high": one.further.high}
            if one.further
            else {}
        ),
        **_robust("interquartile", one.interquartile),
        **_robust("improvement", one.improvement),
        "imputed": one.imputed.difference if one.imputed else None,
        **{f"imputed_{end}": value for end, value in _interval(one.imputed, "").items()},
        "decidable_margin": one.reachable.decidable if one.reachable else None,
        "withheld": "; ".join(one.withheld),
        "caveats": "; ".join(one.caveats),
    }


def _interval(found: Estimate | None, after: str) -> dict[str, float]:
    return {} if found is None else {f"low{after}": found.low, f"high{after}": found.high}


def _robust(name: str, found: Robust | None) -> dict[str, float]:
    return {} if found is None else {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}
