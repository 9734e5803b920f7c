"""Files of a study flipped, torn, swapped, emptied or lost: what cannot be proved is in no table, and is named."""

import csv
import json
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.cli import run_cli
from bench.comparison.scores import StudyScores
from bench.study import load_study
from bench.study.files import read_json, write_json
from cfce.errors import UserError

KIND = "files of a study flipped, torn, swapped or lost"
pytestmark = pytest.mark.usefixtures("undrawn")
SCORES = ("valid_rmse", "test_rmse", "valid_nll", "test_accuracy")


def scores_of(folder):
    """Trial to its scores, and what is said to be unusable; the report's tables hold just these."""
    study = load_study(folder)
    scores = StudyScores.of(study)
    rows = scores.results.set_index("trial_id")
    return {name: {score: rows.loc[name, score] for score in SCORES} for name in rows.index}, {
        **study.unreadable,
        **scores.problems,
    }


@pytest.fixture(scope="module")
def right(trained):
    return scores_of(trained)[0]


def holds(folder, right):
    """Whether every score is the right one, or blank with its trial named as unusable."""
    try:
        found, problems = scores_of(folder)
    except UserError as error:
        return str(folder) in str(error)
    for trial_id, values in right.items():
        now = found.get(trial_id, {})
        if any(now.get(name) != value for name, value in values.items() if value == value) and trial_id not in problems:
            return False
        if any(value == value and value != values[name] for name, value in now.items()):
            return False
    return True


def flip(path, bit):
    content = bytearray(path.read_bytes())
    at = bit % (8 * len(content))
    content[at // 8] ^= 1 << at % 8
    path.write_bytes(bytes(content))


def flips_hold(trained, right, kind, number, bit):
    files = sorted([*(trained / "predictions").iterdir(), *(trained / "trials").iterdir(), trained / "study.json"])
    chosen = files[number % len(files)]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "study"
        shutil.copytree(trained, folder, ignore=shutil.ignore_patterns("figures", "report.*"))
        flip(folder / chosen.relative_to(trained), bit)
        kind.expect(holds(folder, right), f"bit {bit} of {chosen.relative_to(trained)}")


FLIPS = {"number": st.integers(0, 10_000), "bit": st.integers(0, 2**30)}
SLOW = {"deadline": None, "suppress_health_check": list(HealthCheck), "database": None}


@settings(max_examples=40, **SLOW)
@given(**FLIPS)
def test_a_flipped_bit_is_never_read_as_another_value(trained, right, kind, number, bit):
    flips_hold(trained, right, kind, number, bit)


@pytest.mark.faults
@pytest.mark.timeout(1200)
@settings(max_examples=2000, **SLOW)
@given(**FLIPS)
def test_thousands_of_flipped_bits_are_never_read_as_other_values(trained, right, kind, number, bit):
    flips_hold(trained, right, kind, number, bit)


@pytest.fixture
def copy(trained, tmp_path):
    return shutil.copytree(trained, tmp_path / "study")


@pytest.fixture
def command(environment, fits_here, monkeypatch, capsys):
    """``command(*arguments)`` runs a command in this process: its exit code, and what it printed."""
    for name in ("CFCE_CACHE", "COLUMNS"):
        monkeypatch.setenv(name, environment[name])

    def run(*arguments):
        code = run_cli([str(one) for one in arguments])
        told = capsys.readouterr()
        return code, told.out + told.err

    return run


def of_variant(folder, variant):
    return [record for record in load_study(folder).records if record.trial.variant == variant]


def test_predictions_of_another_trial_are_not_shown_as_its_own(copy, right, kind, capsys):
    one, other = of_variant(copy, "ce")
    shutil.copy(copy / "predictions" / f"{other.trial_id}.parquet", copy / "predictions" / f"{one.trial_id}.parquet")
    kind.expect(holds(copy, right), "scores")
    kind.expect(run_cli(["report", str(copy)]) == 1, "exit code")
    said = f"trial {one.trial_id}: its predictions cannot be used: its predictions do not match"
    kind.expect(said in capsys.readouterr().err, "report")
    code = run_cli(["compare", "ce", "regression", "--study", str(copy)])
    kind.expect(code == 1 and said in capsys.readouterr().err, "compare")
    code = run_cli(["export", str(copy), "--to", "csv", "--out", str(copy / "tables")])
    kind.expect(code == 1 and said in capsys.readouterr().err, "export")
    kind.expect(not (copy / "tables" / "predictions" / f"{one.trial_id}.csv").exists(), "exported")
    with (copy / "results.csv").open(encoding="utf-8") as file:
        (row,) = (row for row in csv.DictReader(file) if row["trial_id"] == one.trial_id)
    kind.expect(row["valid_rmse"] == "" and "do not match their SHA-256" in row["reason"], row)


def test_a_record_under_the_name_of_another_is_not_taken_for_it(copy, right, kind):
    one, other = of_variant(copy, "ce")
    shutil.copy(copy / "trials" / f"{other.trial_id}.json", copy / "trials" / f"{one.trial_id}.json")
    kind.expect(holds(copy, right), "scores")
    kind.expect(f"it holds trial {other.trial_id}" in load_study(copy).unreadable[one.trial_id], "why")


def test_emptied_predictions_of_every_trial_are_exit_code_1_and_named(copy, kind, capsys):
    for path in (copy / "predictions").iterdir():
        path.write_bytes(b"")
    code, told = run_cli(["report", str(copy)]), capsys.readouterr().err
    kind.expect(code == 1 and "Traceback" not in told, told)
    kind.expect(told.count("do not match their SHA-256") == len(list((copy / "trials").iterdir())), told)


def changes():
    """Ways in which somebody else's JSON can be wrong though its digest is right."""
    yield "data", lambda content: content.pop("data")
    yield "data.scale", lambda content: content["data"].update(scale=["1", 2])
    yield "data.scale", lambda content: content["data"].update(scale=[2, 1])
    yield "data.n_ratings", lambda content: content["data"].update(n_ratings=None)
    yield "plans", lambda content: content.update(plans={})
    yield "plan", lambda content: content.update(plans=[])
    yield "plans[0].trial_ids[0]", lambda content: content["plans"][0].update(trial_ids=["../../../etc/passwd"])
    yield "plans[0].environment.versions", lambda content: content["plans"][0]["environment"].update(versions=[1])
    yield "variants", lambda content: content.update(variants={"ce": 3})
    yield "added[0]", lambda content: content.update(added=[{"name": "x"}])
    yield "name", lambda content: content.update(name=7)


@pytest.mark.parametrize(("place", "change"), list(changes()))
def test_settings_of_another_shape_are_one_sentence_that_names_the_place(copy, kind, capsys, place, change):
    content = read_json(copy / "study.json")
    change(content)
    write_json(copy / "study.json", content)
    code, told = run_cli(["report", str(copy)]), capsys.readouterr().err
    kind.expect(code == 2 and len(told.splitlines()) == 1 and place in told, told)


def record_changes():
    yield lambda content: content.pop("trial")
    yield lambda content: content.update(status="fine")
    yield lambda content: content.update(history=["x"])
    yield lambda content: content["trial"].update(split="0")
    yield lambda content: content["trial"].update(options={"learning_rate": [1]})
    yield lambda content: content["trial"].update(future=1)
    yield lambda content: content.update(sizes={"train": "many"})
    yield lambda content: content.update(unknown=[["valid"]])
    yield lambda content: content.update(trial_id="../x")


@pytest.mark.parametrize("change", list(record_changes()))
def test_a_record_of_another_shape_is_named_and_the_others_are_reported(copy, right, kind, capsys, change):
    one = of_variant(copy, "ce")[0]
    path = copy / "trials" / f"{one.trial_id}.json"
    content = read_json(path)
    change(content)
    write_json(path, content)
    kind.expect(holds(copy, right), "scores")
    code, told = run_cli(["report", str(copy)]), capsys.readouterr().err
    kind.expect(code == 1 and f"trial {one.trial_id} cannot be used" in told, told)
    kind.expect(f"Trial {one.trial_id}: its record cannot be used" in (copy / "report.md").read_text(encoding="utf-8"), "report")


def test_json_nested_without_end_is_torn(copy, kind, capsys):
    (copy / "study.json").write_text("[" * 100_000)
    code, told = run_cli(["report", str(copy)]), capsys.readouterr().err
    kind.expect(code == 2 and "it is not whole JSON" in told, told)


@pytest.mark.parametrize("loss", ["torn", pytest.param("deleted", marks=pytest.mark.faults)])
def test_a_lost_study_json_loses_no_trial_and_no_added_predictions(command, tiny, copy, tmp_path, kind, loss):
    added = predictions_of(copy, tmp_path)
    code, told = command("add", "mine", added, "--study", copy, "--split", "0")
    kind.expect(code == 0, told)
    before = {record.trial_id for record in load_study(copy).records}
    path = copy / "study.json"
    path.write_bytes(path.read_bytes()[:100]) if loss == "torn" else path.unlink()
    code, told = command("run", *tiny, "--variants", "regression", "--out", copy)
    study = load_study(copy)
    kind.expect(code == 0 and "made anew from" in told, told)
    kind.expect({record.trial_id for record in study.records} == before, told)
    report = (copy / "report.md").read_text(encoding="utf-8")
    kind.expect("| mine " in report and "| ce " in report, "tables")
    kind.expect(study.settings["variants"]["mine"]["family"] == "regression", study.settings["variants"])


def test_torn_added_predictions_are_not_said_to_be_trained_again(command, tiny, copy, tmp_path, kind):
    command("add", "mine", predictions_of(copy, tmp_path), "--study", copy, "--split", "0")
    (added,) = json.loads((copy / "study.json").read_text())["added"]
    path = copy / "predictions" / f"{added}.parquet"
    path.write_bytes(path.read_bytes()[:-7])
    _, told = command("run", *tiny, "--variants", "regression,ce", "--out", copy)
    kind.expect("its predictions came from outside, so add them again with 'bench add'" in told, told)
    kind.expect("is trained again" not in told, told)


def predictions_of(folder, place):
    """Predictions of split 0 as another program would write them."""
    study = load_study(folder)
    record = next(record for record in study.ok if record.trial.split == 0)
    path = place / "mine.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("part,user,item,prediction\n")
        for part, held in study.predictions(record).items():
            for user, item, number in zip(held.user, held.item, range(len(held.level)), strict=True):
                file.write(f"{part},{user},{item},{1 + number % 5}\n")
    return path


@pytest.mark.parametrize("damage", ["torn", pytest.param("deleted", marks=pytest.mark.faults)])
def test_the_rows_that_trials_share_are_written_again_with_them(command, tiny, copy, right, kind, damage):
    for path in (copy / "predictions").glob("rows-*.parquet"):
        path.write_bytes(path.read_bytes()[:-9]) if damage == "torn" else path.unlink()
    kind.expect(holds(copy, right) and len(scores_of(copy)[1]) == len(right), "all are named")
    code, told = command("run", *tiny, "--variants", "regression,ce", "--out", copy)
    kind.expect(code == 0 and f"{len(right)} ok" in told, told)
    kind.expect(not scores_of(copy)[1], scores_of(copy)[1])


def torn_tables(good):
    """What a ``verdicts.csv`` can be that is none."""
    yield "empty", b""
    yield "any bytes", bytes(range(256)) * 10
    yield "another table", b"a,b\n1,2\n"
    yield "in UTF-16", good.decode().encode("utf-16")
    yield "a quote without end", b'"' + good
    yield "words for numbers", good.replace(b"test,", b"test,\x1b[2J", 1).replace(b",0.", b",zero.")


def test_a_summary_of_a_torn_table_of_verdicts_is_refused_with_the_command_that_mends_it(trained, copy, tmp_path, kind, capsys):
    other = shutil.copytree(trained, tmp_path / "other")
    content = read_json(other / "study.json")
    content["data"] |= {"dataset": "another", "fingerprint": "e" * 64}
    write_json(other / "study.json", content)
    flags = ["--out", str(tmp_path / "summary")]
    assert run_cli(["summary", str(copy), str(other), *flags]) == 0, capsys.readouterr().err
    capsys.readouterr()
    for what, torn in torn_tables((copy / "verdicts.csv").read_bytes()):
        (copy / "verdicts.csv").write_bytes(torn)
        code, told = run_cli(["summary", str(copy), str(other), *flags]), capsys.readouterr().err
        kind.expect(code == 2 and len(told.splitlines()) == 1 and "\x1b" not in told, (what, code, told))
        kind.expect(f"bench report {copy} writes it anew" in told, (what, told))
