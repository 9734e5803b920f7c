"""What the files of a study must hold to be read: the shapes of ``study.json`` and of a record."""

import re
from typing import Any

from bench.study.shape import NUMBER, each
from cfce.scale import RatingScale

ID = re.compile(r"[0-9a-f]{16}")
TEXT_OR_NULL = (str, type(None))
COUNT_OR_NULL = (int, type(None))
NUMBER_OR_NULL = (*NUMBER, type(None))
OPTION = (bool, int, float, str, type(None))


def trial_id(value: Any) -> str:
    """The id of a trial names files, so it is hexadecimal and nothing else."""
    return "" if isinstance(value, str) and ID.fullmatch(value) else "is not the id of a trial"


def scale(value: Any) -> str:
    """Values that make a rating scale."""
    if not isinstance(value, list) or any(type(one) not in NUMBER for one in value):
        return "is not a list of numbers"
    try:
        RatingScale(tuple(value))
    except ValueError as error:
        return f"is no scale: {error}"
    return ""


def status(value: Any) -> str:
    """How a trial ended."""
    from bench.study.record import STATUSES

    return "" if value in STATUSES else f"is not one of {', '.join(STATUSES)}"


def _unknown(value: Any) -> str:
    """Part, ratings of unknown users, ratings of unknown items."""
    whole = isinstance(value, list) and [type(one) for one in value] == [str, int, int]
    return "" if whole else "is not a part with two counts"


SETTINGS = {
    "name": str,
    "created": str,
    "data": {
        "dataset": str,
        "fingerprint": str,
        "n_ratings": int,
        "n_users": int,
        "n_items": int,
        "n_repeated_pairs": int,
        "scale": scale,
        "path?": TEXT_OR_NULL,
        "options": dict,
    },
    "plans": [
        {
            "command": str,
            "asked": str,
            "plan": {
                "protocol?": str,
                "seeds?": int,
                "splits?": COUNT_OR_NULL,
                "orders?": COUNT_OR_NULL,
                "variants?": dict,
                "primary?": str,
                "reference?": str,
            },
            "environment": {
                "python": str,
                "platform": str,
                "cpu": str,
                "cores": int,
                "cuda_device?": TEXT_OR_NULL,
                "versions": each(str),
            },
            "trial_ids": [trial_id],
        }
    ],
    "variants": each({"description": str, "family": str, "mermaid?": str}),
    "added?": [trial_id],
}
"""``study.json`` of formats 1 and 2, and what one of format 0 is turned into."""

RECORD = {
    "trial_id": trial_id,
    "trial": {
        **dict.fromkeys(("dataset", "data_fingerprint", "protocol", "variant", "engine", "device", "code"), str),
        **dict.fromkeys(("split", "seed", "order"), int),
        "options": each(OPTION),
    },
    "status": status,
    "reason": str,
    "history": [dict.fromkeys(("train_loss", "valid_loss", "seconds"), NUMBER)],
    "fit_seconds": NUMBER_OR_NULL,
    "peak_memory_mb": NUMBER_OR_NULL,
    "n_parameters": COUNT_OR_NULL,
    "unknown": [_unknown],
    "prediction_sha256": TEXT_OR_NULL,
    "rows_sha256?": TEXT_OR_NULL,
    "scores_sha256?": TEXT_OR_NULL,
    "users_sha256?": TEXT_OR_NULL,
    "sizes?": each(int),
    "timed?": str,
    "host?": str,
}
"""``trials/<trial_id>.json`` likewise."""
