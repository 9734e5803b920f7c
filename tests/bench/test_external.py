"""Another model's predictions enter a study only when they fit its fold, and then count like any trial."""

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from bench.external import add_predictions, export_fold, read_predictions
from bench.plan.trial import Trial
from bench.study import HeldOut, Record, Study, load_study
from bench.study.files import sha256_of
from bench.study.formats import write_record, write_settings
from bench.study.prediction_file import write_predictions
from cfce.errors import UserError
from cfce.options import OptionValues
from cfce.predictions import Prediction
from cfce.ratings import Ratings
from cfce.splits import Fold

SIZES = {"train": 32, "valid": 4, "test": 4}
NAMES = ("../x", "=cmd()", "<script>alert(1)</script>", "my model")


@pytest.fixture
def fold() -> Fold:
    """Forty ratings of 1 to 3; the pair (u0, 'Dup, the') is once in valid and twice in test."""
    pairs = [(f"u{user}", f"i{item}") for user, item in itertools.product(range(6), range(6))]
    rows = [*pairs, *[("u0", "Dup, the")] * 3, ("u1", "Dup, the")]
    rating = [1 + row % 3 for row in range(40)]
    ratings = Ratings.from_columns([user for user, _ in rows], [item for _, item in rows], rating, name="tiny")
    valid, test = np.array([36, 39, 0, 1], dtype=np.int32), np.array([37, 38, 2, 3], dtype=np.int32)
    return Fold(ratings, "random-80-10-10", 0, np.arange(4, 36, dtype=np.int32), valid, test)


def held_out(fold: Fold, part: str, prediction: Prediction) -> HeldOut:
    rows = fold.rows(part)
    ratings = fold.ratings
    return HeldOut(
        part,
        ratings.user_ids[ratings.user[rows] - 1],
        ratings.item_ids[ratings.item[rows] - 1],
        ratings.level[rows],
        prediction,
    )


@pytest.fixture
def study(fold: Fold, tmp_path: Path) -> Study:
    """A study of one trained trial on the fold."""
    folder = tmp_path / "study"
    ratings = fold.ratings
    trial = Trial(
        "tiny", ratings.fingerprint, fold.protocol, "regression", "fused", "cpu", 0, 0, 0, OptionValues(), code="c"
    ).identified({})
    parts = {
        part: held_out(fold, part, Prediction(fold.scale, points=np.full(len(fold.rows(part)), 2, dtype=np.float32)))
        for part in ("valid", "test")
    }
    path = folder / "predictions" / f"{trial.trial_id}.parquet"
    write_predictions(path, parts, fold.scale)
    record = Record(trial, "ok", unknown=(("valid", 0, 1), ("test", 0, 2)), prediction_sha256=sha256_of(path), sizes=SIZES)
    write_record(folder / "trials" / f"{trial.trial_id}.json", record)
    plan = {
        "command": "bench run",
        "asked": "",
        "plan": {"protocol": fold.protocol},
        "environment": {"python": "3", "platform": "-", "cpu": "-", "cores": 2, "cuda_device": None, "versions": {}},
        "trial_ids": [trial.trial_id],
    }
    settings = {
        "name": "study",
        "created": "",
        "data": {
            "dataset": "tiny",
            "fingerprint": ratings.fingerprint,
            "options": {},
            **{"n_ratings": 40, "n_users": ratings.n_users, "n_items": ratings.n_items, "n_repeated_pairs": 4},
            "scale": list(fold.scale.values),
        },
        "plans": [plan],
        "variants": {"regression": {"description": "", "family": "regression", "mermaid": ""}},
        "added": [],
    }
    write_settings(folder / "study.json", settings)
    return load_study(folder)


def table(fold: Fold, distribution: bool = False) -> pd.DataFrame:
    """Good predictions of every held-out row, in another order than the fold's; alike where test holds a pair twice."""
    frames = []
    for part in ("valid", "test"):
        one = held_out(fold, part, Prediction(fold.scale, points=np.zeros(len(fold.rows(part)), dtype=np.float32)))
        frames.append(pd.DataFrame({"part": part, "user": one.user, "item": one.item}))
    frame = pd.concat(frames, ignore_index=True)
    if distribution:
        frame = frame.assign(p_1=0.25, p_2=0.25, p_3=0.5)
    else:
        frame["prediction"] = [1.0, 1.1, 1.2, 1.3, 1.4, 1.4, 1.6, 1.7]
    return frame.iloc[::-1].reset_index(drop=True)


def put(study: Study, frame: pd.DataFrame, name: str = "mine", suffix: str = "csv", **how: object):  # type: ignore[no-untyped-def]
    path = study.path.parent / f"predictions.{suffix}"
    if suffix == "csv":
        frame.to_csv(path, index=False)
    else:
        frame.to_parquet(path)
    return add_predictions(name, path, study, split=0, log=pytest.fail, **how)  # type: ignore[arg-type]


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
@pytest.mark.parametrize("distribution", [False, True])
def test_good_predictions_become_a_trial_whose_predictions_stand_in_the_folds_order(
    study: Study, fold: Fold, suffix: str, distribution: bool
) -> None:
    frame = table(fold, distribution)
    added = put(study, frame, suffix=suffix)
    assert added.rows == {"valid": 4, "test": 4}
    again = load_study(study.path)
    record = again.records[-1]
    assert (record.trial.variant, record.trial.engine, record.trial.device, record.status) == (
        "mine",
        "external",
        "unknown",
        "ok",
    )
    assert record.unknown == study.records[0].unknown
    assert again.settings["variants"]["mine"]["family"] == ("classification" if distribution else "regression")
    theirs, ours = again.predictions(study.records[0]), again.predictions(record)
    for part in ("valid", "test"):
        for column in ("user", "item", "level"):
            assert getattr(ours[part], column).tolist() == getattr(theirs[part], column).tolist()
    if distribution:
        np.testing.assert_allclose(ours["test"].prediction.probabilities, [[0.25, 0.25, 0.5]] * 4)
    else:
        np.testing.assert_allclose(ours["valid"].prediction.points, [1.0, 1.1, 1.2, 1.3])


def test_without_a_part_column_rows_are_matched_by_their_pair(study: Study, fold: Fold) -> None:
    frame = table(fold)
    frame["prediction"] = 2.5
    put(study, frame.drop(columns="part"))
    assert len(load_study(study.path).records) == 2


def test_a_pair_of_both_parts_with_different_predictions_needs_the_part_column(study: Study, fold: Fold) -> None:
    with pytest.raises(UserError, match=r"line \d+: user u0, item 'Dup, the' is in valid and in test with different predictions"):
        put(study, table(fold).drop(columns="part"))


def test_a_pair_that_the_fold_holds_twice_must_come_twice(study: Study, fold: Fold) -> None:
    frame = table(fold)
    twice = (frame["part"] == "test") & (frame["item"] == "Dup, the")
    assert twice.sum() == 2
    with pytest.raises(UserError, match="lacks 1 of the 4 rows of test, the first of them user u0, item 'Dup, the'"):
        put(study, frame.drop(index=frame.index[twice][0]))
    with pytest.raises(UserError, match="line 10: user u0, item 'Dup, the' is predicted again; the fold holds this pair 2 times"):
        put(study, pd.concat([frame, frame[twice].iloc[:1]]))


def test_predictions_of_a_pair_that_one_part_holds_twice_need_the_key_of_their_rows(study: Study, fold: Fold) -> None:
    frame = table(fold).iloc[::-1].reset_index(drop=True)
    frame["prediction"] = 1 + np.arange(8) / 10
    with pytest.raises(UserError, match="user u0, item 'Dup, the' is held out several times with different predictions; add the"):
        put(study, frame)
    frame["row"] = np.arange(8)
    for shuffled in (frame, frame.sample(frac=1, random_state=0).drop(columns="part")):
        put(study, shuffled, replace=True)
        predictions = load_study(study.path).predictions(load_study(study.path).records[-1])
        np.testing.assert_allclose(predictions["valid"].prediction.points, [1.0, 1.1, 1.2, 1.3])
        np.testing.assert_allclose(predictions["test"].prediction.points, [1.4, 1.5, 1.6, 1.7])


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([0, 1, 2, 3, 4, 5, 6, 8], "row 8 came, but the held-out rows are 0 to 7"),
        ([0, 1, 2, 3, 4, 5, 7, 6], "line 8: row 7 of the fold is user u0, item 'i3' of test; keep each row's number with it"),
        ([0, 1, 2, 3, 4, 4, 6, 7], "line 7: row 4 is predicted again; each row is predicted once, so drop it"),
        ([0, 1, 2, 3, 4, "x", 6, 7], "line 7: row is 'x'; it is the number that 'bench export-fold' wrote"),
        ([0, 1, 2, 3, 4, -5, 6, 7], "line 7: row is '-5'"),
    ],
)
def test_a_wrong_key_is_named_with_its_line(study: Study, fold: Fold, rows: list[object], message: str) -> None:
    with pytest.raises(UserError, match=message):
        put(study, table(fold).iloc[::-1].assign(row=rows))


@pytest.mark.parametrize(("off", "accepted"), [(0.001, True), (-0.001, True), (0.0012, False), (-0.0012, False)])
def test_probabilities_have_one_tolerance_on_both_sides_of_1(study: Study, fold: Fold, off: float, accepted: bool) -> None:
    frame = table(fold, distribution=True).assign(p_1=0.2, p_2=0.3, p_3=0.5 + off)
    if accepted:
        put(study, frame)
    else:
        with pytest.raises(UserError, match=r"the probabilities sum to .*, not to 1"):
            put(study, frame)


def test_with_the_key_a_missing_row_is_named_too(study: Study, fold: Fold) -> None:
    frame = table(fold).iloc[::-1].assign(row=range(8))
    with pytest.raises(UserError, match="lacks 1 of the 4 rows of test, the first of them user u0, item 'i3'"):
        put(study, frame.iloc[:7])


def bad(frame: pd.DataFrame, row: int, column: str, value: object) -> pd.DataFrame:
    return frame.astype({column: object}).assign(**{column: lambda one: one[column].where(one.index != row, value)})


@pytest.mark.parametrize(
    ("distribution", "column", "value", "message"),
    [
        (False, "user", "nobody", "line 3: user nobody, item '.*' is not among the held-out pairs of this split"),
        (False, "user", "", "line 3: the user is blank"),
        (False, "part", "train", "line 3: part 'train' came; allowed: valid, test"),
        (False, "part", "valid", "line 3: user .*, item '.*' is in test, not in valid"),
        (False, "prediction", "much", "line 3: prediction is 'much'; it is a finite number"),
        (False, "prediction", "inf", "line 3: prediction is 'inf'; it is a finite number"),
        (False, "prediction", "1e60", "line 3: prediction is '1e60'; it is a finite number"),
        (False, "prediction", "", "line 3: prediction is ''; it is a finite number"),
        (True, "p_2", 0.3, "line 3: the probabilities sum to 1.05, not to 1"),
        (True, "p_2", -0.25, "line 3: p_2 is -0.25; a probability is from 0 to 1"),
        (True, "p_2", float("nan"), "line 3: p_2 is ''; it is a finite number"),
    ],
)
def test_a_bad_row_is_refused_with_its_line_and_leaves_the_study_as_it_was(
    study: Study, fold: Fold, distribution: bool, column: str, value: object, message: str
) -> None:
    before = files_of(study.path)
    with pytest.raises(UserError, match=message):
        put(study, bad(table(fold, distribution), 1, column, value))
    assert files_of(study.path) == before


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda frame: frame[frame["part"] == "test"], "no row of valid, which has 4; without valid no learning rate"),
        (lambda frame: frame[frame["part"] == "valid"], "no row of test, which has 4; claims are made on test"),
        (lambda frame: frame.drop(columns="item"), "has no column item"),
        (
            lambda frame: frame[["prediction"]].assign(row=range(len(frame))),
            "has no column user; the columns are .*; keep user and item of the rows of valid and test that 'bench export-fold'",
        ),
        (lambda frame: frame.drop(columns="prediction"), "has neither prediction nor probabilities"),
        (lambda frame: frame.assign(p_1=0.5), "has no column p_2; a distribution needs a probability for each of 1, 2, 3"),
        (lambda frame: frame.assign(p_9=0.5), "has a column p_9, but the study's ratings are 1, 2, 3"),
    ],
)
def test_a_file_without_the_needed_rows_or_columns_is_refused(study: Study, fold: Fold, change, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UserError, match=message):
        put(study, change(table(fold)))


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("none.csv", None, "there is no file"),
        ("notes.txt", b"x", "predictions are a .csv or a .parquet file"),
        ("torn.parquet", b"PAR1 torn", "cannot be read as parquet"),
        ("empty.csv", b"", "cannot be read as csv"),
        ("ragged.csv", b"user,item\na,b,c,d\ne,f,g,h,i\n", "cannot be read as csv"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(
    study: Study, tmp_path: Path, file: str, content: bytes | None, message: str
) -> None:
    if content is not None:
        (tmp_path / file).write_bytes(content)
    with pytest.raises(UserError, match=message):
        read_predictions(tmp_path / file, study.scale)


@pytest.mark.parametrize("name", NAMES)
def test_a_hostile_name_is_only_ever_text(study: Study, fold: Fold, name: str) -> None:
    outside = set(study.path.parent.iterdir())
    added = put(study, table(fold), name=name)
    assert set(study.path.parent.iterdir()) - outside == {study.path.parent / "predictions.csv"}
    assert {path.stem for path in (study.path / "trials").iterdir()} == {study.records[0].trial_id, added.trial_id}
    assert load_study(study.path).records[-1].trial.variant == name


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 101])
def test_a_name_that_no_table_can_show_is_refused(study: Study, fold: Fold, name: str) -> None:
    with pytest.raises(UserError, match="a name is 1 to 100 printable characters"):
        put(study, table(fold), name=name)


def test_a_name_of_the_plan_is_refused(study: Study, fold: Fold) -> None:
    with pytest.raises(UserError, match="'regression' is a variant of the study's own plan; choose another name"):
        put(study, table(fold), name="regression")


def test_the_same_predictions_again_change_nothing_and_others_need_replace(study: Study, fold: Fold) -> None:
    first = put(study, table(fold))
    assert put(load_study(study.path), table(fold)).trial_id == first.trial_id
    assert len(load_study(study.path).records) == 2
    other = table(fold).assign(prediction=2.0)
    with pytest.raises(UserError, match=r"holds other predictions of 'mine' for split 0, seed 0; pass --replace"):
        put(load_study(study.path), other)
    second = put(load_study(study.path), other, replace=True)
    assert second.replaced == first.trial_id
    assert [record.trial_id for record in load_study(study.path).records][1:] == [second.trial_id]
    assert not (study.path / "trials" / f"{first.trial_id}.json").exists()
    third = put(load_study(study.path), other, seed=1)
    assert [record.trial_id for record in load_study(study.path).records][1:] == [second.trial_id, third.trial_id]


@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_an_exported_fold_read_back_holds_the_same_rows(fold: Fold, tmp_path: Path, format: str) -> None:
    paths = export_fold(fold, tmp_path, format)
    assert [path.name for path in paths] == [f"{part}.{format}" for part in ("train", "valid", "test")]
    for path in paths:
        frame = pd.read_csv(path) if format == "csv" else pd.read_parquet(path)
        one = held_out(fold, path.stem, Prediction(fold.scale, points=np.zeros(0, dtype=np.float32)))
        assert frame["user"].tolist() == one.user.tolist()
        assert frame["item"].tolist() == one.item.tolist()
        assert frame["rating"].tolist() == [int(fold.scale.values[level]) for level in one.level]


def test_whole_number_ids_match_whether_a_file_holds_them_as_text_integers_or_floats(tmp_path: Path) -> None:
    ratings = Ratings.from_columns(list(range(1, 21)), [7] * 20, [1, 2] * 10)
    path = tmp_path / "ids.parquet"
    pd.DataFrame({"user": [3.0, 4.0], "item": [7, 7], "prediction": [1.0, 2.0]}).to_parquet(path)
    assert read_predictions(path, ratings.scale).user.tolist() == ["3", "4"]
    assert read_predictions(path, ratings.scale).item.tolist() == ["7", "7"]
