"""A part of each of the seven kinds, from a file of at most 40 lines, is found in everything that the whole command writes."""

import csv
import html
import json
import os
import random
import re
import shlex
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PLUGINS = ROOT / "tests" / "plugins"
KINDS = ("dataset", "protocol", "objective", "variant", "engine", "metric", "executor")
WITHOUT = {"objective": ("workers",), "metric": ("workers",), "protocol": ("drawings",), "variant": ("drawings",)}
"""What of a run is left out by the kind of plug-in; of the other kinds, drawings and worker processes."""
TINY = ("--seeds", "2", "--epochs", "1", "--factors", "4", "--learning-rates", "0.01", "--jobs", "1")

SHOWN = re.compile(r"^python -m bench run --plugin tests/plugins/(\w+)\.py (.*)$", re.M)
COMMANDS = {kind: shlex.split(flags) for kind, flags in SHOWN.findall((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"))}
"""The flags of each command as CONTRIBUTING.md gives it, by the kind of its plug-in."""


@dataclass(frozen=True)
class Written:
    """What a command printed and wrote."""

    printed: str
    settings: dict
    records: list[dict]
    results: list[dict[str, str]]
    verdicts: list[dict[str, str]]
    report: str
    page: str

    def of(self, variant: str) -> list[dict[str, str]]:
        return [row for row in self.results if row["variant"] == variant]


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def ran(tmp_path_factory, warm):
    """``ran(kind)``: the command with the plug-in of that kind in a process of its own, once; drawn where that shows the part."""
    home = tmp_path_factory.mktemp("seven")

    @cache
    def run(kind: str) -> Written:
        study = home / kind
        if kind == "dataset":
            write_shop(home / "shop.sqlite")
        command = ["run", "--plugin", PLUGINS / f"{kind}.py", *COMMANDS[kind], *TINY, "--out", study]
        environment = {**os.environ, "CFCE_CACHE": str(home / "cache")}
        done = warm.run(command, environment, home, WITHOUT.get(kind, ("drawings", "workers")))
        assert done.returncode == 0, done.stdout + done.stderr
        written = Written(
            printed=done.stdout,
            settings=json.loads((study / "study.json").read_text()),
            records=[json.loads(path.read_text()) for path in (study / "trials").glob("*.json")],
            results=table(study / "results.csv"),
            verdicts=table(study / "verdicts.csv"),
            report=(study / "report.md").read_text(encoding="utf-8"),
            page=html.unescape((study / "report.html").read_text(encoding="utf-8")),
        )
        assert {row["status"] for row in written.results} == {"ok"}
        return written

    return run


def write_shop(path: Path) -> None:
    """300 ratings of 1 to 4 by 20 users of 15 items."""
    rng = random.Random(0)
    rows = [(f"customer {user}", item, rng.randint(1, 4)) for user in range(20) for item in range(15)]
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE reviews (user TEXT, item INTEGER, rating REAL)")
        database.executemany("INSERT INTO reviews VALUES (?, ?, ?)", rows)
        database.commit()


@pytest.mark.parametrize("kind", KINDS)
def test_a_part_is_one_file_of_at_most_40_lines_with_one_registration_of_its_kind(kind):
    text = (PLUGINS / f"{kind}.py").read_text()
    assert len(text.splitlines()) <= 40
    assert text.count(f"\nregister_{kind}(") == 1


def test_the_list_of_parts_shows_each_of_them_with_its_file_and_the_built_in_ones_without(tmp_path):
    files = {kind: PLUGINS / f"{kind}.py" for kind in KINDS}
    flags = [flag for file in files.values() for flag in ("--plugin", str(file))]
    done = subprocess.run(
        [sys.executable, "-m", "bench", "list", *flags], cwd=tmp_path, capture_output=True, text=True, timeout=200, check=True
    )
    lines = done.stdout.splitlines()
    parts = {line.split()[0]: line for line in lines if line.startswith("  ")}
    names = dict(
        zip(
            KINDS, ("sqlite", "each-user-80-10-10", "pseudo-huber", "item-means", "constant-rate", "far_off", "here"), strict=True
        )
    )
    for kind, name in names.items():
        assert parts[name].endswith(f"[{files[kind]}]")
    for name in ("ml-100k", "kfold-5", "squared-error", "regression", "fused", "nll", "local"):
        assert "[" not in parts[name]


def test_a_dataset_is_read_by_its_own_options_and_named_in_every_row_and_page(ran):
    written = ran("dataset")
    assert {row["dataset"] for row in written.results} == {"sqlite-shop"}
    data = written.settings["data"]
    assert (data["n_ratings"], data["n_users"], data["n_items"], data["scale"]) == (300, 21, 16, [1, 2, 3, 4])
    assert data["options"] == {"table": "reviews"}
    assert written.verdicts
    assert "sqlite-shop" in written.report
    assert "sqlite-shop" in written.page


def test_a_protocol_splits_as_it_says_and_is_named_in_every_row_and_page(ran):
    """Each of 96 users with n ratings has n // 10 in test and in valid: fewer than the 100 of a share of all ratings."""
    written = ran("protocol")
    assert {row["protocol"] for row in written.results} == {"each-user-80-10-10"}
    (sizes,) = {tuple(record["sizes"].items()) for record in written.records}
    train, valid, test = dict(sizes)["train"], dict(sizes)["valid"], dict(sizes)["test"]
    assert train + valid + test == 1000
    assert 0 < valid == test < 100
    assert {row["part"] for row in written.verdicts} == {"test"}
    assert "protocol each-user-80-10-10" in written.report
    assert "each-user-80-10-10" in written.page


def test_an_objective_is_trained_at_each_value_of_its_option_and_compared(ran):
    written = ran("objective")
    assert [row["engine"] for row in written.of("huber")] == ["torch"] * 4, "it brings no kernel for the fused engine"
    trained = {record["trial"]["options"]["delta"] for record in written.records if record["trial"]["variant"] == "huber"}
    assert trained == {0.5, 1.0}
    assert [float(row["delta"]) for row in written.of("huber")] == [0.5, 1.0] * 2
    assert {row["delta"] for row in written.results if row["variant"] != "huber"} == {""}
    assert len({row["train_loss"] for row in written.of("huber")}) == 4, "another delta is another loss"
    assert "loss: pseudo-huber" in written.settings["variants"]["huber"]["mermaid"]
    assert "loss: squared-error" in ran("metric").settings["variants"]["regression"]["mermaid"], "as of built-in ones"
    pairs = {(row["a"], row["b"]) for row in written.verdicts}
    assert ("huber (delta 0.5)", "huber (delta 1)") in pairs
    for text in (written.report, written.page):
        assert "huber (delta 0.5)" in text


def test_a_variant_that_is_no_network_is_fitted_once_a_split_and_stands_in_every_table(ran):
    written = ran("variant")
    rows = written.of("item-means")
    assert {row["engine"] for row in rows} == {"pandas"}
    assert {row["learning_rate"] for row in rows} == {""}
    assert sorted(row["split"] for row in rows) == ["0", "0", "1", "1"], "two settings of its option on two splits"
    assert all(0.5 < float(row["test_rmse"]) < 1.5 and float(row["test_nll"]) > 0 for row in rows)
    compared = {row["a"] for row in written.verdicts} | {row["b"] for row in written.verdicts}
    assert {"item-means (shrinkage 1)", "item-means (shrinkage 5)", "regression"} <= compared
    for text in (written.report, written.page):
        assert "item-means (shrinkage 1)" in text


def test_an_engine_trains_networks_and_is_never_taken_for_an_external_result(ran):
    written = ran("engine")
    assert {row["variant"] for row in written.results if row["engine"] == "constant-rate"} == {"regression"}
    assert [row["engine"] for row in written.of("regression")] == ["constant-rate"] * 2
    assert [row["learning_rate"] for row in written.of("regression")] == ["0.01"] * 2
    assert not any(record["external"] for record in written.records)
    assert written.settings["added"] == []
    fused = ran("executor").of("regression")
    assert {row["test_rmse"] for row in fused}.isdisjoint(row["test_rmse"] for row in written.of("regression"))
    assert {row["a"] for row in written.verdicts} >= {"regression"}
    assert "constant-rate" in written.report
    assert "constant-rate" in written.page


def test_a_metric_has_its_columns_its_verdicts_and_its_place_in_the_report(ran):
    written = ran("metric")
    for part in ("valid", "test"):
        shares = [float(row[f"{part}_far_off"]) for row in written.results]
        assert all(0 <= share <= 1 for share in shares)
        assert all(share * 100 == pytest.approx(round(share * 100)) for share in shares), "counts of 100 ratings"
    assert len({row["test_far_off"] for row in written.results}) > 1
    verdicts = [row for row in written.verdicts if row["metric"] == "far_off"]
    assert {(row["a"], row["b"]) for row in verdicts} >= {("regression", "constant"), ("regression", "bias")}
    assert {float(row["margin"]) for row in verdicts} == {0.01}
    assert "two or more levels off" in written.report
    assert "two or more levels off" in written.page


def test_an_executor_runs_every_trial_with_the_results_of_the_local_one(ran):
    """The command with the variant's plug-in has the same two trainings of ``regression``, by the executor ``local``."""
    written, local = ran("executor"), ran("variant")
    assert "6 trials run in this process, one after the other" in written.printed
    assert "trials run in this process" not in local.printed
    assert "6 trials: 6 ok, 0 diverged, 0 failed" in written.printed
    for row, other in zip(written.of("regression"), local.of("regression"), strict=True):
        assert (row["trial_id"], row["test_rmse"], row["valid_loss"]) == (
            other["trial_id"],
            other["test_rmse"],
            other["valid_loss"],
        )
    assert "--executor here" in written.report


def test_the_page_on_the_format_names_every_key_and_column_that_these_studies_have(ran):
    """Names of variants, options and packages are data; a score is named without its part."""
    page = set(re.findall(r"`([\w.<>]+)`", (ROOT / "docs" / "study-format.md").read_text(encoding="utf-8")))
    found: set[str] = set()
    options: set[str] = set()
    for kind in ("dataset", "objective", "variant", "engine"):
        written = ran(kind)
        settings = written.settings
        (plan,) = settings["plans"]
        groups = [settings, settings["data"], plan, plan["plan"], plan["environment"], *settings["variants"].values()]
        for record in written.records:
            groups += [record, record["trial"], *record["history"]]
            options |= set(record["trial"]["options"])
        found |= {key for group in groups for key in group} | set(written.verdicts[0])
        columns = set(written.results[0])
        scores = {column.removeprefix("test_") for column in columns if column.startswith("test_")}
        assert {f"valid_{score}" for score in scores} < columns
        options = {name for record in written.records for name in record["trial"]["options"]}
        columns -= {f"{part}_{score}" for part in ("valid", "test") for score in scores}
        found |= scores | (columns - options)
    assert len(found) > 80
    assert found - options - page == set()
