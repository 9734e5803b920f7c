"""What a program leaves counts only when every row of valid and test has one finite prediction."""

import json

import numpy as np
import pandas as pd
import pytest

from cfce.errors import UserError
from cfce.estimators.program.output import Timing, read_output, read_timing


def points(n=200):
    return pd.DataFrame({"row": np.arange(n), "prediction": np.linspace(1, 5, n)})


def distribution(n=200):
    return pd.DataFrame({"row": np.arange(n), **{f"p_{level}": np.full(n, level / 15) for level in range(1, 6)}})


def changed(frame, row, column, value):
    frame.loc[row, column] = value
    return frame


BAD = {
    "lacks 3 of the 200 rows of valid and test, the first of them row 0; predict every row": points().iloc[3:],
    "predicts row 5 2 times; each row of valid and test comes once": pd.concat([points(), points().iloc[5:6]]),
    "row 4: row '200' came; rows are those of valid and test, 0 to 199": changed(points(), 4, "row", 200),
    "row 4: row '-1' came": changed(points(), 4, "row", -1),
    "row 9: prediction is 'nan'; it is a finite number": changed(points(), 9, "prediction", np.nan),
    "has no column row; the columns are row, and prediction or p_1 to p_5": points()[["prediction"]],
    "has neither prediction nor probabilities": points()[["row"]],
    "row 2: the probabilities sum to 1.5, not to 1": changed(distribution(), 2, "p_5", 5 / 15 + 0.5),
    "row 2: p_5 is -0.5; a probability is from 0 to 1": changed(distribution(), 2, "p_5", -0.5),
    "has no column p_3; a distribution needs a probability for each of 1, 2, 3, 4, 5": distribution().drop(columns="p_3"),
    "has a column p_6, but the study's ratings are 1, 2, 3, 4, 5": distribution().rename(columns={"p_5": "p_6"}),
}


@pytest.mark.parametrize("sentence", BAD)
@pytest.mark.parametrize("format", ["parquet", "csv"])
def test_a_bad_table_is_a_sentence_that_names_the_row_and_not_the_folder(sentence, format, fold, tmp_path):
    path = tmp_path / f"predictions.{format}"
    BAD[sentence].to_parquet(path) if format == "parquet" else BAD[sentence].to_csv(path, index=False, na_rep="nan")
    with pytest.raises(UserError) as error:
        read_output(path, fold, "regression")
    said = str(error.value)
    if format == "csv":  # whose rows are lines, the header the first
        said = said.replace("line 6", "row 4").replace("line 11", "row 9").replace("line 4", "row 2")
    assert sentence in said
    assert str(tmp_path) not in said


def test_no_table_and_a_torn_one_are_named(fold, tmp_path):
    with pytest.raises(UserError, match=r"^the program wrote no 'predictions.parquet'; it writes one row for each row"):
        read_output(tmp_path / "predictions.parquet", fold, "regression")
    (tmp_path / "predictions.parquet").write_text("x")
    with pytest.raises(UserError, match=r"^'predictions.parquet' cannot be read as parquet: "):
        read_output(tmp_path / "predictions.parquet", fold, "regression")


def test_probabilities_are_a_distribution_and_points_alone_are_none_where_one_is_declared(fold, tmp_path):
    path = tmp_path / "predictions.parquet"
    distribution().to_parquet(path)
    found = read_output(path, fold, "ordinal")
    assert found["test"].points is None
    np.testing.assert_allclose(found["test"].probabilities[99], np.arange(1, 6) / 15, rtol=1e-6)
    points().to_parquet(path)
    with pytest.raises(UserError, match="has points alone, but a program of the family ordinal gives p_1 to p_5"):
        read_output(path, fold, "ordinal")


def test_rows_may_come_in_any_order_and_with_other_columns(fold, tmp_path):
    path = tmp_path / "predictions.csv"
    points().assign(user="u").sample(frac=1, random_state=0).to_csv(path, index=False)
    found = read_output(path, fold, "regression")
    np.testing.assert_allclose(found["valid"].points, np.linspace(1, 5, 200)[:100], rtol=1e-6)
    np.testing.assert_allclose(found["test"].points, np.linspace(1, 5, 200)[100:], rtol=1e-6)


def test_timing_is_optional_and_checked(tmp_path):
    path = tmp_path / "timing.json"
    assert read_timing(path) == Timing(None, None)
    path.write_text(json.dumps({"fit_seconds": 2, "n_parameters": 7}))
    assert read_timing(path) == Timing(2.0, 7)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "'timing.json' is not JSON"),
        ("[]", "it is an object such as"),
        ('{"fit_seconds": -1}', "fit_seconds -1; it is a number of seconds, 0 or above"),
        ('{"fit_seconds": NaN}', "fit_seconds nan; it is a number of seconds"),
        ('{"n_parameters": 1.5}', "n_parameters 1.5; it is a whole number, 0 or above"),
    ],
)
def test_bad_timing_is_a_sentence(text, sentence, tmp_path):
    (tmp_path / "timing.json").write_text(text)
    with pytest.raises(UserError) as error:
        read_timing(tmp_path / "timing.json")
    assert sentence in str(error.value)
