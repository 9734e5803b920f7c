"""Plug-ins that raise, exit, crash or hang: their trials fail, everyone else's are trained and reported."""

import json
from pathlib import Path

import pytest

from bench.study import load_study

KIND = "plug-ins that misbehave"
PLUGIN = Path(__file__).with_name("misbehaving.py")
IN_SCORER = {
    "raises": "ArithmeticError: no \\x1b[31msuch\\x1b[0m luck\\x00",
    "gives nothing": "",
    "exits at once": "the worker ended with exit code 3",
    "raises SystemExit": "the worker ended with exit code 4",
    "reads address 0": "the worker was ended by signal 11 (SIGSEGV)",
    "is ended": "the worker was ended by signal 15 (SIGTERM)",
    "is killed": "the worker was ended by signal 9 (SIGKILL)",
    "hangs": "the trial hung: ended after 4 s (--trial-timeout)",
}
QUICK = ("exits at once", "raises in workers only")
"""What every run of the suite tries; the others need the marker ``faults``."""


def marked(names):
    return [pytest.param(name, marks=() if name in QUICK else pytest.mark.faults) for name in names]


@pytest.mark.parametrize("fault", marked(IN_SCORER))
def test_a_scorer_takes_down_its_own_trials_and_diagram_alone(bench, tiny, tmp_path, kind, fault):
    folder = tmp_path / "study"
    flags = ("--plugin", PLUGIN, "--variants", "faulty,ce", "--seeds", "1", "--trial-timeout", "4", "--out", folder)
    done = bench("run", *tiny, *flags, drawn=True, FAULT=fault)
    records = load_study(folder).records
    failed = [record for record in records if record.status == "failed"]
    kind.expect({record.trial.variant for record in failed} == {"faulty"}, done.err)
    kind.expect(all(IN_SCORER[fault] in record.reason for record in failed), [record.reason for record in failed])
    kind.expect(done.code == 1 and done.is_clean, done.err)
    kind.expect("| ce " in (folder / "report.md").read_text(encoding="utf-8"), done.out)
    kind.expect("'faulty' has no diagram: " in done.err, done.err)
    settings = load_study(folder).settings["variants"]
    kind.expect(settings["ce"]["mermaid"].startswith("flowchart") and not settings["faulty"]["mermaid"], settings)


IN_WORKERS = {
    "raises in workers only": "no worker can be started: the worker ended with exit code 1; it printed last: ",
    "exits in workers only": "ended with SystemExit(0); mend it, or run without it",
}


@pytest.mark.parametrize("fault", marked(IN_WORKERS))
def test_workers_that_never_start_fail_every_trial_and_the_report_says_why(bench, tiny, tmp_path, kind, fault):
    folder = tmp_path / "study"
    done = bench("run", *tiny, "--plugin", PLUGIN, "--variants", "ce", "--out", folder, FAULT=fault)
    records = load_study(folder).records
    kind.expect(done.code == 1 and done.is_clean, done.err)
    kind.expect(records and all(IN_WORKERS[fault] in record.reason for record in records), [one.reason for one in records])


REFUSED = {
    "exits at import": "ended with SystemExit(0)",
    "has an option of another type": "epochs 1.5 came; it is a whole number",
    "has an unknown option": "has the default 'epoch', which is no option of it",
    "has a name of control signs": "variant '\\x1b[2Jfaulty' came; a name is 1 to 100 printable characters",
}


@pytest.mark.parametrize("fault", REFUSED)
def test_what_can_be_known_at_import_is_one_sentence_and_exit_code_2(bench, tiny, tmp_path, kind, fault):
    done = bench("run", *tiny, "--plugin", PLUGIN, "--variants", "ce", "--out", tmp_path / "study", FAULT=fault)
    kind.expect(done.code == 2 and done.is_clean, done.err)
    kind.expect(REFUSED[fault] in done.sentence, done.err)
    kind.expect(not (tmp_path / "study").exists(), "nothing was begun")


MORE = pytest.mark.faults
COMMANDS = (
    ("describe", "faulty"),
    pytest.param(("lr-find", "faulty"), marks=MORE),
    pytest.param(("time", "--variants", "faulty", "--quick"), marks=MORE),
)
TIMED = ("exits at once", "raises", "reads address 0", "is killed", "hangs")


@pytest.mark.parametrize("command", COMMANDS, ids=["describe", "lr-find", "time"])
def test_a_failing_variant_is_one_sentence_and_exit_code_1_for_other_commands(bench, tmp_path, kind, command):
    done = bench(*command, "--plugin", PLUGIN, "--dataset", "synthetic-1000", cwd=tmp_path, FAULT="raises")
    kind.expect(done.code == 1 and done.is_clean, done.err)
    kind.expect("ArithmeticError: no \\x1b[31msuch" in done.err.strip().splitlines()[-1], done.err)


@pytest.mark.faults
@pytest.mark.parametrize("fault", TIMED)
def test_a_variant_that_cannot_be_timed_is_a_row_that_says_why_and_the_others_are_timed(bench, tmp_path, kind, fault):
    flags = ("--plugin", PLUGIN, "--variants", "faulty,ce", "--engines", "torch,fused", "--trial-timeout", "4")
    done = bench("time", "--quick", "--dataset", "synthetic-1000", *flags, "--out", tmp_path, FAULT=fault)
    found = json.loads((tmp_path / "timing.json").read_text())
    kind.expect(done.code == 1 and done.is_clean, done.err)
    kind.expect(
        [(one["variant"], one["engine"]) for one in found["fits"] if one["stacked"] == 1] == [("ce", "torch"), ("ce", "fused")],
        found,
    )
    why = "it took more than 4 s" if fault == "hangs" else IN_SCORER[fault]
    kind.expect(why in found["failed"]["torch-faulty-cpu"] and f"| torch-faulty-cpu | {why}" in done.out, found["failed"])


def test_a_worker_that_is_never_ready_is_given_up(tmp_path, kind, monkeypatch):
    """In this process, with a shorter patience than the five minutes of the command."""
    from functools import partial

    from bench.harness import local
    from bench.harness.executor import Setup
    from bench.harness.unit import units_of
    from bench.plan.plan import Flags, make_plan
    from bench.variants.plugins import load_parts
    from cfce.datasets import load_dataset
    from cfce.datasets.stored import save_ratings

    load_parts()
    monkeypatch.setenv("FAULT", "hangs in workers only")
    monkeypatch.setenv("CFCE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(local, "LOADING", 1.0)
    monkeypatch.setattr(local, "MAX_FAILED_STARTS", 1)
    ratings = load_dataset("synthetic-1000", log=lambda line: None)
    save_ratings(ratings, tmp_path / "ratings")
    plan = make_plan(Flags(variants=("ce",), seeds=1, options={"learning_rate": ("0.01",)}))
    setup = Setup(tmp_path / "ratings", tmp_path, partial(load_parts, (PLUGIN,)), 1, 3600.0)
    units = units_of(plan.trials(ratings.name, ratings.fingerprint))
    outcomes = list(local.Pool(setup, lambda line: None).run(units))
    kind.expect({outcome.record.status for outcome in outcomes} == {"failed"} and len(outcomes) == 3, outcomes)
    kind.expect(all("the worker was not ready after 1 s" in one.record.reason for one in outcomes), outcomes)
