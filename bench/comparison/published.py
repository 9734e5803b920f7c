"""The published figures that a reader comes with, and where they fall among our trainings."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

PROTOCOL = "random-80-20"
"""Every published row holds out 20 % at random, and reports on what it validates on."""


@dataclass(frozen=True)
class Published:
    """One published training: figures are None where they were not given."""

    source: str
    variant: str
    learning_rate: float
    train_loss: float | None
    valid_loss: float | None
    accuracy: float | None
    sampler: str = "bootstrap"
    """How its loader drew, unsaid by the sources: by fastai's version of that time."""
    epochs: int = 5
    protocol: str = PROTOCOL


PUBLISHED = (
    Published("fastbook, chapter 8 (2020)", "regression", 5e-3, 0.4910, 0.8231, None, "permutation"),
    Published("blog of 2024-06-25", "regression", 5e-3, None, 0.8416, None),
    Published("blog of 2024-07-01", "ce-sigmoid", 5e-3, 1.1273, 1.4381, 0.3635),
    Published("blog of 2024-07-01", "ce", 5e-3, 1.0383, 1.5280, 0.3642),
    Published("blog of 2024-07-01", "ce", 0.1, 1.0705, 1.3242, 0.4154),
)
"""One training each. The valid loss of the regression is a mean squared error, of the others a cross-entropy."""

FIGURES = {"train_loss": "train_loss", "valid_loss": "valid_loss", "accuracy": "valid_accuracy"}
"""A published figure to the column of the results that it is compared with."""

COLUMNS = (
    "source",
    "variant",
    "learning_rate",
    "figure",
    "published",
    "published_protocol",
    "sampler",
    "protocol",
    "mean",
    "sd",
    "min",
    "max",
    "n",
    "z",
    "percentile",
)


def beside_published(results: "pd.DataFrame") -> "pd.DataFrame":
    """A row for every published figure and every sampler that the study has of that training, with ``COLUMNS``.

    ``results`` are those of a study. ``z`` is (published - mean) / sd of our trainings; ``percentile`` is the share of
    ours below the published figure, in per cent, ties counted half. A figure that no ``ok`` trial of this variant,
    learning rate and number of epochs answers to has n = 0 and blanks.
    """
    import pandas as pd

    rows = []
    for one in PUBLISHED:
        ours = results[
            (results["status"] == "ok")
            & (results["variant"] == one.variant)
            & np.isclose(results["learning_rate"].astype(float), one.learning_rate)
            & (results["epochs"] == one.epochs)
        ]
        for figure, column in FIGURES.items():
            published = getattr(one, figure)
            if published is None:
                continue
            told = (one.source, one.variant, one.learning_rate, figure, published, one.protocol)
            groups = list(ours.groupby(["sampler", "protocol"], sort=True)) if len(ours) else []
            for (sampler, protocol), group in groups:
                rows.append((*told, sampler, protocol, *placed(published, group[column].dropna().to_numpy(float))))
            if not groups:
                rows.append((*told, "", "", *placed(published, np.array([]))))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def placed(
    published: float, ours: "np.ndarray[tuple[int], np.dtype[np.float64]]"
) -> tuple[float, float, float, float, int, float, float]:
    """Mean, sd, min, max and n of our values, then z and percentile of a published one.

    >>> [round(one, 3) for one in placed(2.5, np.array([1.0, 2.0, 3.0]))]
    [2.0, 1.0, 1.0, 3.0, 3, 0.5, 66.667]
    """
    blank = float("nan")
    n = len(ours)
    if not n:
        return blank, blank, blank, blank, 0, blank, blank
    mean, sd = float(ours.mean()), float(ours.std(ddof=1)) if n > 1 else blank
    below = float((ours < published).mean() + (ours == published).mean() / 2)
    z = (published - mean) / sd if sd and sd > 0 else blank
    return mean, sd, float(ours.min()), float(ours.max()), n, z, 100 * below
