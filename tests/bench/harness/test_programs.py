"""A run with programs that end well, fail, hang, and cannot run here."""

import json
from pathlib import Path

import pytest

from bench.study import load_study

MEAN = """
# /// script
# [tool.cfce]
# format = "csv"
# seed = false
# ///
echo "fits" >&2
{ echo row,prediction; cat valid.csv test.csv | grep -v row | sed 's/,.*/,3.5/'; } > predictions.csv
"""


@pytest.fixture(scope="module")
def programs(start, tmp_path_factory):
    """The folder of a run with one program of each fate, and the command that left it."""
    home = tmp_path_factory.mktemp("programs")
    (home / "mean.sh").write_text(MEAN)
    (home / "fails.sh").write_text("echo reads >&2; echo 'no luck' >&2; exit 3")
    (home / "sleeps.sh").write_text(f"sleep 600 & echo $! > {home}/sleeping; echo waits; wait")
    flags = [f"--program={name}=sh {home / name}.sh" for name in ("mean", "fails", "sleeps")]
    flags += [
        "--program=absent=no-such-command",
        "--seeds",
        "1",
        "--learning-rates",
        "0.01",
        "--trial-timeout",
        "4",
        "--jobs",
        "1",
    ]
    return home, start(home / "study", "dummy", *flags).end()


def record_of(home: Path, variant: str):
    (found,) = [record for record in load_study(home / "study").records if record.trial.variant == variant]
    return found


def test_the_others_run_whatever_becomes_of_one(programs):
    home, command = programs
    assert command.code == 1, command.err + command.out
    assert {r.trial.variant: r.status for r in load_study(home / "study").records} == {
        "dummy": "ok",
        "mean": "ok",
        "fails": "failed",
        "sleeps": "failed",
        "absent": "failed",
        "constant": "ok",
        "bias": "ok",
    }


def test_what_cannot_run_here_is_said_before_anything_is_trained(programs):
    lines = programs[1].out.splitlines()
    sentence = "the command 'no-such-command' was not found; install it, or pass its path"
    assert lines[0] == f"absent cannot be fitted here: {sentence}"
    assert record_of(programs[0], "absent").reason == sentence


def test_a_program_that_hangs_ends_with_all_that_it_started(programs):
    home, _ = programs
    hung = record_of(home, "sleeps")
    assert hung.reason == "the trial hung: ended after 4 s (--trial-timeout); it printed last: waits"
    assert (home / "study" / "logs" / f"{hung.trial_id}.txt").read_text() == "waits\n"
    assert not running(int((home / "sleeping").read_text()))


def running(pid: int) -> bool:
    """Whether a process runs; one that ended and that nobody has waited for yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    except FileNotFoundError:
        return False


def test_what_a_program_printed_is_kept_and_its_last_line_is_the_reason(programs):
    home, _ = programs
    failed, well = record_of(home, "fails"), record_of(home, "mean")
    assert failed.reason == "the program ended with exit code 3; it printed last: no luck"
    assert (home / "study" / "logs" / f"{failed.trial_id}.txt").read_text() == "reads\nno luck\n"
    assert (home / "study" / "logs" / f"{well.trial_id}.txt").read_text() == "fits\n"


def test_the_time_of_a_program_that_does_not_say_its_own_is_marked_in_the_record_and_others_are_not(programs):
    home, _ = programs
    stored = {
        variant: json.loads((home / "study" / "trials" / f"{record_of(home, variant).trial_id}.json").read_text())
        for variant in ("mean", "dummy")
    }
    assert stored["mean"]["timed"] == "process"
    assert "timed" not in stored["dummy"]
    assert record_of(home, "mean").timed == "process"
    assert record_of(home, "dummy").timed == "fit"


def test_bad_flags_are_one_sentence_and_exit_code_2(start, tmp_path):
    for flags, sentence in (
        (["--program", "mine"], "bench: --program 'mine' came; it is NAME=COMMAND, such as mine='Rscript fit.R'"),
        (["--program", "ce=true"], "bench: variant 'ce' is registered already, by cfce; choose another name"),
        (["--program", "a=true", "--program", "a=false"], "bench: --program a=… came twice; give each program a name of its own"),
    ):
        command = start(tmp_path / "study", "dummy", *flags).end()
        assert (command.code, command.err.strip()) == (2, sentence)
