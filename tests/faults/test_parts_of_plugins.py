"""Parts of plug-ins that are asked in the command's own process: one that raises, or gives nonsense, is told and left out."""

import re

import pytest

from bench.cli import run_cli
from bench.comparison.scores import StudyScores
from bench.harness.executor import Executor, Setup
from bench.harness.unit import units_of
from bench.harness.unready import unready_variants
from bench.plan.plan import Flags, make_plan
from bench.registry import REGISTRIES
from bench.study import load_study
from bench.variants.plugins import load_parts, load_plugin

KIND = "parts of plug-ins that misbehave"
LUCK = "ArithmeticError: no \\x1b[31msuch\\x1b[0m luck\\x00"
HEAD = """
import numpy as np
from dataclasses import dataclass
from bench.registry import *
from cfce.estimators import Estimator

def boom(*anything, **named):
    raise ArithmeticError("no \\x1b[31msuch\\x1b[0m luck\\0")

def nothing(*anything, **named):
    return None

"""


@pytest.fixture
def plug_in(tmp_path):
    """``plug_in(text)`` writes a plug-in and gives its path; its parts go at the end."""
    path = tmp_path / "mine.py"

    def write(text):
        path.write_text(HEAD + text)
        return path

    yield write
    for registry in REGISTRIES.values():
        for name in [name for name in registry if registry.source(name) == str(path)]:
            registry.forget(name)


ZEROS = "lambda p, l: np.zeros(len(l))"
METRICS = {
    "loss=boom": LUCK,
    "loss=nothing": "its loss gave object of the shape ()",
    "loss=lambda p, l: np.zeros(3)": "its loss gave float64 of the shape (3,)",
    "loss=lambda p, l: np.array(['4'] * len(l))": "its loss gave <U1 of the shape",
    "summary=boom": LUCK,
    "summary=lambda p, l: 'four'": "ValueError: could not convert string to float",
    "ranking=nothing": "TypeError: float() argument must be",
    f"loss={ZEROS}, score=boom": LUCK,
    f"loss={ZEROS}, margin=boom": LUCK,
    f"loss={ZEROS}, margin=lambda scale: -1.0": "margin -1 came",
}


@pytest.mark.parametrize("given", METRICS)
def test_a_metric_that_fails_has_no_score_and_takes_no_other_metrics(trained, plug_in, kind, given):
    right = StudyScores.of(load_study(trained)).results
    load_plugin(plug_in(f"register_metric(Metric('mine', 'mine', {given}))"))
    scores = StudyScores.of(load_study(trained))
    kind.expect(METRICS[given] in scores.failed_metrics["mine"], scores.failed_metrics)
    kind.expect(scores.results["test_mine"].isna().all(), scores.results["test_mine"])
    kind.expect(scores.results[right.columns].equals(right), "the other scores")


def test_a_metric_that_fails_is_told_with_the_verdicts_of_the_others(trained, plug_in, kind, capsys):
    path = plug_in("register_metric(Metric('mine', 'mine', loss=boom, in_verdicts=True, on_board=True))")
    code = run_cli(["compare", "ce", "regression", "--study", str(trained), "--plugin", str(path)])
    told = capsys.readouterr()
    kind.expect(code == 1 and f"the metric 'mine' failed and has no score: {LUCK}" in told.err, told.err)
    kind.expect("NLL" in told.out and "\x1b" not in told.out + told.err, told.out)


ROWS = "(np.arange(800), np.arange(800, 900), np.arange(900, 1000))"
PROTOCOLS = {
    "boom": (1, "plug-in '{path}' raised " + LUCK),
    "nothing": (2, "the protocol 'mine' gave NoneType and not three arrays"),
    "lambda r, f, g: 3 * (np.arange(900),)": (2, "the protocol 'mine' gave a valid with rows that came before"),
    "lambda r, f, g: (np.r_[0, np.arange(800)], np.arange(900, 1000), np.arange(0))": (
        2,
        "gave a train with rows that came before",
    ),
    "lambda r, f, g: (np.arange(800), np.arange(900, 1001), np.arange(0))": (2, "gave a valid with row 1000 of 1,000 ratings"),
    "lambda r, f, g: (np.arange(-1, 800), np.arange(900, 950), np.arange(0))": (2, "gave a train with row -1 of 1,000 ratings"),
    "lambda r, f, g: (np.arange(800) * 1.0, np.arange(900, 1000), np.arange(0))": (
        2,
        "gave a train of float64 of the shape (800,)",
    ),
    "lambda r, f, g: (np.arange(0), np.arange(900, 1000), np.arange(0))": (2, "gave an empty train"),
}


@pytest.mark.parametrize("split", PROTOCOLS)
def test_a_protocol_that_gives_no_parts_of_the_ratings_trains_nothing(
    tmp_path, plug_in, kind, capsys, environment, monkeypatch, split
):
    monkeypatch.setenv("CFCE_CACHE", environment["CFCE_CACHE"])
    path = plug_in(f"register_protocol(Protocol('mine', 'd', 'c', {split}))")
    flags = ["--dataset", "synthetic-1000", "--protocol", "mine", "--variants", "constant", "--out", str(tmp_path / "study")]
    code, told = run_cli(["run", "--plugin", str(path), *flags]), capsys.readouterr().err
    expected, sentence = PROTOCOLS[split]
    kind.expect(code == expected and len(told.strip().splitlines()) == 1, (code, told))
    kind.expect(sentence.format(path=path) in told and not (tmp_path / "study").exists(), told)


DATASETS = {
    "Dataset('mine', 'd', boom)": (1, "raised " + LUCK),
    "Dataset('mine', 'd', nothing)": (2, "the dataset 'mine' gave NoneType and not Ratings"),
    "Dataset('other', 'd', nothing, is_named=boom)": (1, "raised " + LUCK),
}


@pytest.mark.parametrize("dataset", DATASETS)
def test_a_dataset_that_fails_is_one_sentence_that_names_it(plug_in, kind, capsys, dataset):
    path = plug_in(f"register_dataset({dataset})")
    code, told = run_cli(["describe", "constant", "--dataset", "mine", "--plugin", str(path)]), capsys.readouterr().err
    expected, sentence = DATASETS[dataset]
    kind.expect(code == expected and len(told.strip().splitlines()) == 1 and sentence in told, (code, told))


VARIANT = """
@dataclass(frozen=True)
class Mine(Estimator):
    {what}

    def fit(self, task):
        boom()

register_variant("mine", "m", estimator=Mine())
"""


def test_a_variant_whose_preparation_raises_fails_alone(plug_in, kind):
    load_plugin(plug_in(VARIANT.format(what="prepare = boom")))
    load_parts()
    told = []
    kind.expect(unready_variants(["mine", "constant"], told.append) == {"mine": LUCK}, told)


def test_an_obstacle_that_raises_is_listed_with_every_other_variant(plug_in, kind, capsys):
    code = run_cli(["list", "--plugin", str(plug_in(VARIANT.format(what="obstacle = boom")))])
    told = capsys.readouterr().out
    kind.expect(code == 0 and f"cannot run here: it raised {LUCK}" in told and "cumulative-logit" in told, told)


VARIANTS = {
    "options = nothing": "has options of NoneType",
    "family = 'x\\x1b'": "unknown family 'x\\x1b'",
    "options = boom": LUCK,
}


@pytest.mark.parametrize("what", VARIANTS)
def test_a_variant_that_cannot_be_described_is_refused_when_it_is_registered(plug_in, kind, capsys, what):
    code = run_cli(["list", "--plugin", str(plug_in(VARIANT.format(what=what)))])
    told = capsys.readouterr().err
    kind.expect(code == 2 and VARIANTS[what] in told and len(told.strip().splitlines()) == 1, told)


SLOW = [pytest.param(what, marks=pytest.mark.faults) for what in ("code", "identity")]
"""These are asked after a process was started that checks the options."""


@pytest.mark.parametrize("what", ["engine_on", "files", *SLOW])
def test_a_variant_that_raises_while_a_plan_is_made_is_one_sentence(
    tmp_path, plug_in, kind, capsys, environment, monkeypatch, what
):
    monkeypatch.setenv("CFCE_CACHE", environment["CFCE_CACHE"])
    path = plug_in(VARIANT.format(what=f"{what} = {'property(boom)' if what == 'files' else 'boom'}"))
    flags = ["--dataset", "synthetic-1000", "--variants", "mine", "--out", str(tmp_path / "study")]
    code, told = run_cli(["run", "--plugin", str(path), *flags]), capsys.readouterr().err
    kind.expect(code == 1 and len(told.strip().splitlines()) == 1, (code, told))
    kind.expect(f"plug-in '{path}' raised {LUCK}; mend it, or run without it" in told, told)


def raises(units, setup, report):
    raise ArithmeticError("no \x1b[31msuch\x1b[0m luck\0")


EXECUTORS = {
    "it raises": (raises, f"the executor raised {LUCK}"),
    "it gives None": (lambda units, setup, report: None, "the executor raised TypeError: 'NoneType' object is not iterable"),
    "it gives nothing": (lambda units, setup, report: iter(()), "the executor gave no outcome of it"),
}


@pytest.mark.parametrize("fault", EXECUTORS)
def test_trials_that_an_executor_gives_nothing_for_have_failed(tmp_path, kind, fault):
    run, reason = EXECUTORS[fault]
    load_parts()
    units = units_of(make_plan(Flags(variants=("ce",), seeds=2)).trials("data", "f" * 64))
    found = list(Executor("mine", "m", run).outcomes(units, Setup(tmp_path, tmp_path), lambda line: None))
    asked = {trial.trial_id for unit in units for trial in unit}
    kind.expect({one.record.trial_id for one in found} == asked and len(found) == len(asked), found)
    kind.expect({(one.record.status, one.record.reason) for one in found} == {("failed", reason)}, found)


@pytest.mark.faults
def test_an_outcome_that_is_none_ends_the_command_in_one_sentence(tmp_path, plug_in, kind, capsys, environment, monkeypatch):
    monkeypatch.setenv("CFCE_CACHE", environment["CFCE_CACHE"])
    path = plug_in("register_executor(Executor('mine', 'm', lambda units, setup, report: iter((3,))))")
    flags = ["--dataset", "synthetic-1000", "--executor", "mine", "--variants", "constant", "--out", str(tmp_path / "study")]
    code, told = run_cli(["run", "--plugin", str(path), *flags]), capsys.readouterr().err
    kind.expect(code == 2 and "the executor 'mine' gave 3, which is no outcome of a trial under way" in told, told)


def test_an_error_of_the_program_itself_shows_no_sign_that_a_terminal_obeys(kind, capsys, monkeypatch):
    """A traceback, as there is nobody else to blame; made printable."""
    from bench import __main__ as command

    monkeypatch.setattr("bench.tools.catalogue.catalogue", lambda: raises((), None, None))
    monkeypatch.setattr("sys.argv", ["bench", "list"])
    monkeypatch.setattr("signal.signal", lambda *anything: None)
    with pytest.raises(SystemExit, match="1"):
        command.main()
    told = capsys.readouterr().err
    kind.expect("Traceback" in told and told.rstrip().endswith(LUCK) and not re.search("[\x00\x1b]", told), told)
