"""Summaries and suites of made-up and of real studies, and what bad ones get."""

import csv
import json

import pytest

from bench.cli import run_cli, suite
from bench.study.formats import read_settings, write_settings
from bench.summary.reading import read_results
from bench.summary.suite import read_suite
from cfce.errors import UserError
from cfce.metrics import METRICS

COLUMNS = ("metric", "part", "a", "b", "verdict", "difference", "low", "high", "score_a", "score_b", "protocol")
FLAGS = {"tune": ["variants", "budget", "dataset", "option", "resume", "out", "debug"], "run": ["seeds", "dataset"]}


@pytest.fixture
def study(tmp_path, study_maker):
    """Makes a study of a dataset whose verdicts are given as (a, b, verdict, difference, half width)."""

    def make(name, rows, protocol="random-80-10-10"):
        found = study_maker.make_study(
            tmp_path / name, seeds=1, learning_rates=(0.01,), troubles=False, n_rows=100, protocol=protocol
        )
        settings = read_settings(found.path / "study.json")
        settings["data"] |= {"dataset": name, "fingerprint": name * 8}
        write_settings(found.path / "study.json", settings)
        with open(found.path / "verdicts.csv", "w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            for a, b, verdict, difference, half in rows:
                ends = (difference - half, difference + half)
                writer.writerow(["nll", "test", a, b, verdict, difference, *ends, 1.2 + difference, 1.2, protocol])
        return found.path

    return make


def test_a_tie_by_mean_rank_is_no_lead(study, tmp_path):
    paths = [
        study("one", [("ce", "regression", "better", -0.02, 0.01)]),
        study("two", [("ce", "regression", "worse", 0.03, 0.01)]),
    ]
    assert run_cli(["summary", *map(str, paths), "--out", str(tmp_path / "out")]) == 0
    text = (tmp_path / "out" / "summary.md").read_text()
    assert "By mean rank over 2 datasets, ce and regression share the lead in NLL (1.50 of 2)." in text


def test_wins_are_counted_by_verdict_and_either_way_round(study, tmp_path):
    """ce before regression twice by verdict, once written from the other side; the third is ahead and undecided: no win."""
    paths = [
        study("one", [("ce", "regression", "better", -0.02, 0.01)]),
        study("two", [("regression", "ce", "worse", 0.03, 0.01)]),
        study("three", [("ce", "regression", "undecided", -0.01, 0.05)]),
    ]
    assert run_cli(["summary", *map(str, paths), "--out", str(tmp_path / "out")]) == 0
    text = (tmp_path / "out" / "summary.md").read_text()
    assert "ce is better than regression on 2 of 3 datasets, worse on 0, equivalent on 0, undecided on 1" in text
    assert "With 3 datasets nothing is tested across them" in text
    with open(tmp_path / "out" / "summary.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["dataset"] for row in rows} == {"one", "two", "three"}
    assert float(rows[0]["standard_error"]) == pytest.approx(0.01 / 1.959964)
    page = (tmp_path / "out" / "summary.html").read_text()
    assert page.count('<img class="figure"') == 2
    assert json.loads(page.split('id="charts">')[1].split("</script>")[0]) == {}


def test_six_datasets_are_tested_across(study, tmp_path):
    paths = [study(f"d{n}", [("ce", "regression", "better", -0.02 - 0.001 * n, 0.01)]) for n in range(6)]
    assert run_cli(["summary", *map(str, paths), "--out", str(tmp_path / "out")]) == 0
    text = (tmp_path / "out" / "summary.md").read_text()
    assert "On 6 datasets, the mean ranks differ" in text
    assert "apart: ce before regression" in text


def test_studies_that_cannot_be_summarised_get_a_sentence(study, tmp_path):
    rows = [("ce", "regression", "better", -0.02, 0.01)]
    one, two = study("one", rows), study("two", rows)
    other = study("other", rows, protocol="random-80-20")
    apart = study("apart", [("softmax", "corn", "better", -0.02, 0.01)])
    cases = [
        ([one], "1 study came; a summary is of two studies or more"),
        ([one, other], "studies of different protocols came"),
        ([one, one], "are of the same data, which would count twice"),
        ([one, tmp_path / "absent"], "holds no study"),
    ]
    for paths, sentence in cases:
        with pytest.raises(UserError, match=sentence):
            read_results(paths, "nll")
    with pytest.raises(UserError, match=r"unknown score of '.*verdicts\.csv' 'rps'"):
        read_results([one, two], "rps")
    assert run_cli(["summary", str(one), str(apart), "--out", str(tmp_path / "out")]) == 2
    assert run_cli(["summary", str(one), str(two), "--metric", "qwk", "--out", str(tmp_path / "out")]) == 2
    assert not (tmp_path / "out").exists()


def written(tmp_path, text):
    file = tmp_path / "suite.toml"
    file.write_text(text)
    return file


TWO = '[[dataset]]\ndataset = "synthetic-1000"\n[[dataset]]\nname = "second"\ndataset = "synthetic-2000"\noption = {epochs = 3}\n'


def test_a_suite_is_a_command_for_each_dataset(tmp_path):
    found = read_suite(written(tmp_path, f'out = "there"\n[tune]\nvariants = ["ce", "regression"]\nresume = false\n{TWO}'), FLAGS)
    first, second = (" ".join(step.words) for step in found.steps)
    assert first == "tune --variants ce,regression --no-resume --dataset synthetic-1000 --out there/synthetic-1000"
    assert second == "tune --variants ce,regression --no-resume --dataset synthetic-2000 --option epochs=3 --out there/second"
    assert found.metric == "nll"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (f"outt = 'x'\n[tune]\n{TWO}", r"unknown key of a suite 'outt' \(did you mean 'out'"),
        (f"[tune]\nbudgett = 3\n{TWO}", r"unknown flag of 'bench tune' 'budgett' \(did you mean 'budget'"),
        (f"[tune]\nout = 'x'\n{TWO}", "unknown flag of 'bench tune' 'out'"),
        (TWO, r"neither \[tune\] nor \[run\]"),
        (f"[tune]\n[run]\n{TWO}", r"\[tune\] and \[run\]; give one"),
        ("[tune]\n[[dataset]]\ndataset = 'ml-100k'\n", "fewer than two"),
        (f"[tune]\n{TWO}[[dataset]]\ndataset = 'synthetic-1000'\n", "each needs a name of its own"),
        ("[tune\n", "is no TOML"),
        (f"metric = 3\n[tune]\n{TWO}", "gives metric 3; it is text"),
    ],
)
def test_a_bad_suite_gets_a_sentence_before_training(tmp_path, text, sentence):
    with pytest.raises(UserError, match=sentence):
        read_suite(written(tmp_path, text), FLAGS)


@pytest.mark.parametrize(
    ("metric", "sentence"), [("foo", "unknown metric 'foo'"), ("qwk", "no verdicts are given on qwk, so none can be counted")]
)
def test_a_suite_checks_the_score_of_its_summary_before_it_runs_anything(tmp_path, capsys, metric, sentence):
    assert run_cli(["suite", str(written(tmp_path, f"metric = '{metric}'\n[run]\n{TWO}")), "--dry"]) == 2
    assert sentence in capsys.readouterr().err


def test_a_plug_in_of_a_suite_goes_to_every_study_and_is_there_for_the_summary(tmp_path, capsys):
    plugin = tmp_path / "twin.py"
    plugin.write_text(
        "from dataclasses import replace\nfrom bench.registry import METRICS, register_metric\n"
        "register_metric(replace(METRICS['nll'], name='twin', label='twin'))\n"
    )
    file = written(tmp_path, f"metric = 'twin'\n[run]\n{TWO}")
    try:
        assert run_cli(["suite", str(file), "--dry", "--plugin", str(plugin)]) == 0
        assert capsys.readouterr().out.count(f"--plugin {plugin}") == 2
        assert METRICS["twin"].label == "twin"
    finally:
        METRICS.forget("twin")


def test_a_suite_of_real_studies_is_summarised_without_the_one_that_fails_and_ignores_the_current_folder(
    tmp_path, monkeypatch, undrawn, fits_here, capfd
):
    """The command of the second study runs in this process, the others in ones of their own."""
    in_a_process = suite._run
    monkeypatch.setattr(suite, "_run", lambda words: (run_cli if "synthetic-2000" in words else in_a_process)(words))
    monkeypatch.chdir(tmp_path)
    for name in ("bench", "json", "typing", "numpy"):
        (tmp_path / f"{name}.py").write_text("open('ran', 'w')\nraise SystemExit(9)\n")
    text = '[run]\nvariants = "bias"\nsplits = 3\nseeds = 1\njobs = 1\n'
    text += '[[dataset]]\ndataset = "synthetic-1000"\n[[dataset]]\ndataset = "synthetic-2000"\n'
    text += '[[dataset]]\ndataset = "synthetic-7"\n'
    file = written(tmp_path, text)
    assert run_cli(["suite", str(file), "--dry"]) == 0
    assert not (tmp_path / "reports").exists()
    assert run_cli(["suite", str(file)]) == 1
    told = capfd.readouterr().err
    assert "'reports/suite/synthetic-7' is left out of the summary: its command ended with exit code 2" in told
    assert not (tmp_path / "ran").exists()
    assert "bias is better than constant on" in (tmp_path / "reports" / "suite" / "summary.md").read_text()


def test_the_suite_of_the_how_to_is_one(tmp_path):
    from pathlib import Path

    from bench.cli.app import flags_of

    text = (Path(__file__).parents[3] / "docs" / "how-to" / "several-datasets.md").read_text()
    toml = text.split("<!-- suite -->\n```toml\n")[1].split("```")[0]
    found = read_suite(written(tmp_path, toml), {name: list(flags_of(name)) for name in ("tune", "run")})
    assert len(found.steps) == 2
