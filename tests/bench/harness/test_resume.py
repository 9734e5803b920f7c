"""Running the same command again: what is kept, what is trained again, what is refused."""

import shutil
from dataclasses import replace

import pytest

from bench.study import load_study
from bench.study.formats import read_record, write_record

ARGUMENTS = ("dummy,ce,dies,raises", "--seeds", "1", "--learning-rates", "0.01,1e30", "--jobs", "1")


@pytest.fixture
def copy(troubled, tmp_path):
    return shutil.copytree(troubled[0], tmp_path / "study")


def stamps(folder):
    return {path.name: path.stat().st_mtime_ns for path in (folder / "trials").iterdir()}


def test_finished_trials_are_kept_and_failed_ones_trained_again(copy, start, tmp_path):
    before = stamps(copy)
    records = {record.trial_id: record for record in load_study(copy).records}
    mended = tmp_path / "mended"
    mended.touch()
    again = start(copy, *ARGUMENTS, MENDED=str(mended)).end()
    failed = {trial_id for trial_id, record in records.items() if record.status == "failed"}
    assert f"keeps {10 - len(failed)} of 10 trials, and trains {len(failed)} that failed again" in again.out
    trained = {name.removesuffix(".json") for name, stamp in stamps(copy).items() if stamp != before[name]}
    assert trained == failed
    assert {r.trial.variant for r in load_study(copy).records if r.status == "failed"} == {"raises"}
    assert again.code == 1


def of_other_code(folder, path):
    """Turn a record into that of the same trial trained by other code."""
    record = read_record(path)
    other = replace(record, trial=replace(record.trial, code="an earlier one", trial_id="0123456789abcde0"))
    write_record(path.with_name(f"{other.trial_id}.json"), other)
    (folder / "predictions" / f"{path.stem}.parquet").rename(folder / "predictions" / f"{other.trial_id}.parquet")
    path.unlink()


def test_torn_edited_outdated_and_foreign_files_are_set_aside_named_and_trained_again(copy, start):
    ok = [record for record in load_study(copy).records if record.status == "ok"]
    diverged = [record for record in load_study(copy).records if record.status == "diverged"]
    chosen = [diverged[0], *ok[:4]]
    torn, edited, prediction, other, outdated = (copy / "trials" / f"{record.trial_id}.json" for record in chosen)
    torn.write_bytes(torn.read_bytes()[:100])
    edited.write_text(edited.read_text().replace('"status": "ok"', '"status": "diverged"'))
    parquet = copy / "predictions" / f"{prediction.stem}.parquet"
    parquet.write_bytes(parquet.read_bytes()[:-1])
    shutil.copy(other, copy / "trials" / "0123456789abcdef.json")
    (copy / "trials" / f".{other.name}.1.tmp").write_text("half")
    of_other_code(copy, outdated)
    again = start(copy, *ARGUMENTS).end()
    assert f"set aside trials/{torn.name}: it is not whole JSON with a digest; its trial is trained again" in again.out
    assert f"set aside trials/{edited.name}: its content does not match its digest" in again.out
    assert f"set aside trials/{prediction.name}: its predictions do not match their SHA-256" in again.out
    assert f"set aside trials/0123456789abcdef.json: it holds trial {other.stem}" in again.out
    assert "set aside 1 trials of other code or library versions" in again.out
    aside = {path.name for path in (copy / "set-aside").iterdir()}
    assert {torn.name, edited.name, prediction.name, parquet.name, "0123456789abcdef.json"} <= aside
    records = load_study(copy).records
    assert len(records) == 10
    assert not list(copy.glob("**/*.tmp"))
    assert {record.trial_id for record in ok} <= {record.trial_id for record in records if record.status == "ok"}


def test_another_plan_joins_what_is_there_and_other_data_is_refused_with_the_difference(copy, start):
    before = stamps(copy)
    kept = {record.trial_id for record in load_study(copy).records if record.status != "failed"}
    grown = start(copy, "dummy,ce", "--seeds", "2", "--learning-rates", "0.01,1e30", "--jobs", "1").end()
    assert grown.code == 0, grown.err
    assert "keeps 6 of 12 trials" in grown.out
    assert {name: stamp for name, stamp in stamps(copy).items() if name.removesuffix(".json") in kept} == {
        name: stamp for name, stamp in before.items() if name.removesuffix(".json") in kept
    }
    study = load_study(copy)
    assert len(study.plans) == 2
    assert {record.trial.seed for record in study.records} == {0, 1}
    assert {"dies", "raises"} < {record.trial.variant for record in study.records}, "those of the first plan stay"
    data = start(copy, *ARGUMENTS, "--dataset", "synthetic-1200").end()
    assert data.code == 2
    assert "holds other data: dataset is synthetic-1000 there and synthetic-1200 here" in data.err
    assert len(load_study(copy).records) == len(study.records)
