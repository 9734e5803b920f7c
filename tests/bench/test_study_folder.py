"""The upkeep of a study folder that needs no processes."""

import os
from dataclasses import replace

import pytest

from bench.harness.settings import refuse_other_data
from bench.plan.data_source import first_ratings, load_ratings
from bench.study.environment import environment
from bench.study.folder import StudyFolder
from bench.study.formats import write_record
from bench.study.lock import study_lock
from cfce.errors import UserError
from cfce.ratings import Ratings


def test_a_torn_study_json_is_set_aside_and_counts_as_absent(tmp_path):
    folder = StudyFolder(tmp_path)
    folder.create()
    (tmp_path / "study.json").write_text("{")
    told = []
    assert folder.settings(told.append) is None
    assert told == ["set aside study.json: it is not whole JSON with a digest; it is made anew from the trials that are there"]
    assert (tmp_path / "set-aside" / "study.json").read_text() == "{"


def test_files_of_one_name_are_all_kept_when_set_aside(tmp_path):
    folder = StudyFolder(tmp_path)
    for text in "abc":
        (tmp_path / "x.json").write_text(text)
        folder.set_aside(tmp_path / "x.json")
    kept = {path.name: path.read_text() for path in (tmp_path / "set-aside").iterdir()}
    assert sorted(kept.values()) == ["a", "b", "c"]
    assert len(kept) == 3


def test_added_predictions_are_kept_whatever_the_plan(tmp_path, make_study):
    made = make_study.MadeUp
    study = make_study(tmp_path, [made("mine"), made("constant", "baseline")], [(0, 0, 0)])
    mine, constant = study.records
    write_record(tmp_path / "trials" / f"{mine.trial_id}.json", replace(mine, external=True))
    survey = StudyFolder(tmp_path).survey([replace(constant.trial, code="newer", trial_id="0" * 16)], {})
    assert list(survey.added) == [mine.trial_id]
    assert survey.superseded == {constant.trial_id: "0" * 16}
    assert (tmp_path / "trials" / f"{mine.trial_id}.json").exists()
    assert not (tmp_path / "trials" / f"{constant.trial_id}.json").exists()


def test_a_trial_of_another_plan_stays_and_one_whose_default_has_changed_since_does_not(tmp_path, make_study):
    made = make_study.MadeUp
    study = make_study(tmp_path, [made("one"), made("two")], [(0, 0, 0)])
    one, two = (record.trial for record in study.records)
    survey = StudyFolder(tmp_path).survey([replace(two, options=two.options.replaced(epochs=9))], {})
    assert list(survey.others) == [one.trial_id]
    assert list(survey.superseded) == [two.trial_id]


def test_a_trial_from_before_an_option_had_its_default_and_stays_beside_other_values_of_it(tmp_path, make_study):
    made = make_study.MadeUp
    (record,) = make_study(tmp_path, [made("one")], [(0, 0, 0)]).records
    asked = replace(record.trial, options=record.trial.options.replaced(momentum=0.5), trial_id="0" * 16)
    assert list(StudyFolder(tmp_path).survey([asked], {"one": {"momentum": 0.9}}).others) == [record.trial_id]
    assert list(StudyFolder(tmp_path).survey([asked], {"one": {"momentum": 0.5}}).superseded) == [record.trial_id]


def test_trials_of_other_code_are_set_aside_though_the_plan_has_other_seeds_and_options(tmp_path, make_study):
    made = make_study.MadeUp
    study = make_study(tmp_path, [made("one"), made("two")], [(0, 0, 0), (1, 1, 1)])
    ones = [record for record in study.records if record.trial.variant == "one"]
    options = ones[0].trial.options.replaced(epochs=9)
    asked = replace(ones[0].trial, options=options, code="newer", trial_id="0" * 16)
    elsewhere = replace(asked, device="cuda")
    assert not StudyFolder(tmp_path).survey([elsewhere], {}).superseded
    survey = StudyFolder(tmp_path).survey([asked], {})
    assert survey.superseded == dict.fromkeys((record.trial_id for record in ones), "")
    assert {record.trial.variant for record in survey.others.values()} == {"two"}


def test_a_lock_names_its_holder_and_is_free_again_afterwards(tmp_path):
    held = pytest.raises(UserError, match=f"is in use by process {os.getpid()}; wait until it ends")
    with study_lock(tmp_path), held, study_lock(tmp_path):
        pass
    with study_lock(tmp_path):
        pass


def test_the_same_data_at_another_place_is_the_same_data_and_other_data_is_refused(tmp_path):
    old = {"data": {"fingerprint": "f", "path": "/here/u.data"}}
    refuse_other_data(tmp_path, old, {"data": {"fingerprint": "f", "path": None}})
    with pytest.raises(UserError, match="holds other data: fingerprint is f there and g here"):
        refuse_other_data(tmp_path, old, {"data": {"fingerprint": "g", "path": None}})


def test_many_differences_are_counted(tmp_path):
    old, new = ({"data": dict.fromkeys("abcde", value)} for value in (1, 2))
    with pytest.raises(UserError, match=r"a is 1 there and 2 here; b is 1 there and 2 here; c is 1 .* \(and 2 more\)"):
        refuse_other_data(tmp_path, old, new)


def test_a_slice_is_another_dataset_with_another_fingerprint():
    ratings = Ratings.from_columns(range(100), [0, 1] * 50, [1, 2] * 50)
    short = first_ratings(ratings, 10)
    assert (len(short), short.n_users, short.n_items) == (10, 11, 3)
    assert short.user_ids.tolist() == list(range(10))
    assert short.name != ratings.name
    assert short.fingerprint != ratings.fingerprint
    assert first_ratings(ratings, 100) is ratings


def test_a_slice_can_be_loaded_by_its_name(tmp_path, monkeypatch):
    monkeypatch.setenv("CFCE_CACHE", str(tmp_path))
    short = load_ratings("synthetic-1000-first-50", report=lambda line: None)
    assert (len(short), short.name) == (50, "synthetic-1000-first-50")


def test_the_environment_names_no_cuda_device_where_none_is_trained_on():
    found = environment()
    assert found["cuda_device"] is None
    assert found["versions"]["torch"]
    assert found["cores"] >= 1
