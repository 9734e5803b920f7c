import numpy as np
import pandas as pd
import pytest

from bench.comparison.published import COLUMNS, beside_published, placed


def _results(rows):
    names = ["status", "variant", "learning_rate", "epochs", "sampler", "protocol", "train_loss", "valid_loss", "valid_accuracy"]
    return pd.DataFrame(rows, columns=names)


def test_every_published_figure_has_a_row_and_blanks_where_we_have_none():
    frame = beside_published(_results([]))
    assert list(frame.columns) == list(COLUMNS)
    assert len(frame) == 2 + 1 + 3 * 3
    assert (frame.n == 0).all()
    assert frame["mean"].isna().all()


def test_samplers_are_kept_apart_and_failed_or_shorter_trainings_left_out():
    ok = ["ok", "ce", 0.1, 5]
    frame = beside_published(
        _results(
            [
                [*ok, "bootstrap", "random-80-20", 1.1, 1.31, 0.42],
                [*ok, "bootstrap", "random-80-20", 1.1, 1.33, 0.41],
                [*ok, "permutation", "random-80-20", 1.1, 1.27, 0.44],
                ["diverged", "ce", 0.1, 5, "permutation", "random-80-20", np.nan, np.nan, np.nan],
                ["ok", "ce", 0.1, 1, "permutation", "random-80-20", 1.4, 1.4, 0.3],
            ]
        )
    )
    ours = frame[(frame.variant == "ce") & (frame.learning_rate == 0.1) & (frame.figure == "valid_loss")].set_index("sampler")
    assert ours.n.to_dict() == {"bootstrap": 2, "permutation": 1}
    assert ours.loc["bootstrap", "mean"] == pytest.approx(1.32)
    assert ours.loc["bootstrap", "z"] == pytest.approx((1.3242 - 1.32) / np.std([1.31, 1.33], ddof=1))
    assert ours.loc["bootstrap", "percentile"] == 50
    assert ours.loc["permutation", "percentile"] == 100
    assert np.isnan(ours.loc["permutation", "z"])


def test_a_tie_counts_half():
    assert placed(2.0, np.array([1.0, 2.0, 3.0, 4.0]))[-1] == 37.5
