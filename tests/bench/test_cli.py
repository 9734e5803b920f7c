"""The command line: help, lists, and what bad input gets."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys

import pytest

from bench.cli import run_cli
from bench.cli.app import COMMANDS, TASKS, flags_of


@pytest.fixture(autouse=True)
def _places(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CFCE_CACHE", str(tmp_path / "cache"))


def said(capsys, *arguments):
    """The exit code and the one sentence on stderr."""
    code = run_cli(arguments)
    error = capsys.readouterr().err
    assert "Traceback" not in error
    return code, error


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("run --out ''", "nothing came for --out, perhaps from a shell variable that is not set; give a value, or leave it out"),
        ("run --out=", "nothing came for --out, perhaps from a shell variable that is not set; give a value, or leave it out"),
        ("report ''", "nothing came for report, perhaps from a shell variable that is not set; give a value, or leave it out"),
        ("run --seeds x", "--seeds x came; it is a whole number; see 'bench run --help'"),
        ("tune --seconds=y", "--seconds y came; it is a number; see 'bench tune --help'"),
        ("runn", "No such command 'runn'. Did you mean 'run'? See 'bench --help'"),
        (
            "run --option epochs=1 --option epochs=2",
            "--option epochs came twice; give its values at once, such as --option epochs=5,10",
        ),
        (
            "run --option learning_rate=0.1 --learning-rates 0.2",
            "--learning-rates and --option learning_rate came, which are the same; give its values by one of them",
        ),
        (
            "suite nope.toml",
            "'nope.toml' cannot be read (No such file or directory); pass a TOML file, "
            "written as in docs/how-to/several-datasets.md",
        ),
        (
            "tune --space .",
            "'.' cannot be read (Is a directory); pass a TOML file, written as in docs/how-to/tuning.md",
        ),
        (
            "lr-find bias",
            "'bias' is no network that is trained here, so it has no rate to sweep; choose one that is, such as ce",
        ),
    ],
)
def test_what_is_no_value_gets_one_sentence_and_writes_nothing(line, sentence, capsys, tmp_path):
    assert said(capsys, *shlex.split(line)) == (2, f"bench: {sentence}\n")
    assert list(tmp_path.iterdir()) in ([], [tmp_path / "cache"])


def test_none_may_be_empty_as_it_says_what_a_blank_rating_means(capsys, tmp_path):
    rows = [f"{n},{n % 3},{1 + n % 5}" for n in range(12)]
    (tmp_path / "r.csv").write_text("\n".join(["user,item,rating", *rows, "12,1,", ""]))
    assert run_cli(["export-fold", "--data", "r.csv", "--none", "", "--out", "fold"]) == 0
    assert "1 row left out whose rating is blank, which means 'not rated'" in capsys.readouterr().err


def test_bench_alone_shows_the_help_and_no_complaint(capsys):
    assert said(capsys)[1] == ""


def test_the_help_of_export_installs_the_extra_that_it_names(capsys):
    run_cli(["export", "--help"])
    assert "'cfce-bench[mlflow]'" in capsys.readouterr().out


def test_list_shows_families_and_says_what_all_networks_have(capsys):
    run_cli(["list"])
    lines = capsys.readouterr().out.splitlines()
    assert next(line for line in lines if line.startswith("  ordrec ")).endswith(" (ordinal)")
    assert next(line for line in lines if line.startswith("  learning_rate ")).endswith("(all networks)")
    (implicit,) = (line for line in lines if line.startswith("  ce-implicit "))
    assert "blog" not in implicit, "the blog's second classifier has no implicit feedback"


@pytest.mark.parametrize("command", [name for name, *_ in COMMANDS])
def test_the_help_of_each_command_has_worked_examples(command, capsys):
    assert run_cli([command, "--help"]) == 0
    out = capsys.readouterr().out
    assert "Examples:" in out
    assert f"bench {command}" in out.split("Examples:")[1]


def test_every_command_that_names_parts_takes_plug_ins():
    assert [name for name, *_ in COMMANDS if "plugin" not in flags_of(name)] == ["doctor"]


def test_help_imports_nothing_heavy():
    """``bench --help`` answers at once: neither pandas nor a library for training, plotting or statistics is imported."""
    code = "import sys\nfrom bench.cli import run_cli\nrun_cli(['--help'])\nprint('heavy:', *HEAVY & set(sys.modules))"
    heavy = "{'torch', 'fastai', 'numba', 'pandas', 'pyarrow', 'matplotlib', 'scipy', 'statsmodels'}"
    ended = subprocess.run([sys.executable, "-c", f"HEAVY = {heavy}\n{code}"], capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines()[-1] == "heavy:"


def test_a_worker_of_the_fused_engine_imports_neither_torch_nor_fastai_nor_pandas():
    code = (
        "import sys\nfrom bench.harness.fitting import load_for\nfrom bench.plan.plan import Flags, make_plan\n"
        "from bench.variants.plugins import load_parts\nload_parts()\nload_for(make_plan(Flags()).trials('', '')[0])\n"
        "print('heavy:', *{'torch', 'fastai', 'pandas', 'matplotlib'} & set(sys.modules))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines()[-1] == "heavy:"


def test_list_shows_everything_there_is_to_choose_from_in_a_line_each(capsys):
    assert run_cli(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    for name in (
        "regression",
        "ce-sigmoid",
        "ce",
        "bias",
        "ml-100k",
        "random-80-20",
        "bootstrap",
        "fastai",
        "fused",
        "cpu",
        "blog",
    ):
        assert sum(line.startswith(f"  {name} ") for line in lines) == 1, name


def test_list_shows_each_option_with_its_default_and_the_variants_that_have_it(capsys):
    assert run_cli(["list"]) == 0
    out = capsys.readouterr().out
    (line,) = [line for line in out.splitlines() if line.startswith("  head_init ")]
    assert line.endswith("; default random (ce-sigmoid, ce, ce-implicit)")
    (line,) = [line for line in out.splitlines() if line.startswith("  epochs ")]
    assert line.endswith("Passes over the training ratings; default 5 (all networks)")
    assert "`" not in out


def test_list_gives_the_same_to_programs_as_json(capsys):
    assert run_cli(["list", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {one["name"]: one["family"] for one in found["variants"]}["ce"] == "classification"
    assert [one["of"] for one in found["options"] if one["name"] == "head_init"] == ["ce-sigmoid, ce, ce-implicit"]


def test_help_groups_the_commands_by_task(capsys):
    assert run_cli(["--help"]) == 0
    out = capsys.readouterr().out
    for task, commands in TASKS.items():
        panel = out[out.index(f" {task} ") :].split("╰")[0]
        assert all(re.search(rf"^│ {name} ", panel, re.MULTILINE) for name, *_ in commands)


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_a_shell_completes_commands(shell):
    asked = {"_BENCH_COMPLETE": f"complete_{shell}", "COMP_WORDS": "bench exp", "COMP_CWORD": "1"}
    asked |= {"_TYPER_COMPLETE_ARGS": "bench exp"}
    ended = subprocess.run([sys.executable, "-m", "bench"], env=os.environ | asked, capture_output=True, text=True, check=False)
    assert "export-fold" in ended.stdout
    assert "doctor" not in ended.stdout


TINY = ["run", "--dataset", "synthetic-1000", "--variants", "constant,bias", "--seeds", "2", "--jobs", "1"]


def test_a_quiet_run_is_counts_report_and_answer_and_a_verbose_one_has_a_line_for_each_trial(capsys, undrawn):
    assert run_cli([*TINY, "--out", "quiet", "-q"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert re.fullmatch(r"4 trials: 4 ok, 0 diverged, 0 failed, in [\d.]+ m?s", lines[0])
    assert lines[1].startswith("report: ")
    assert run_cli([*TINY, "--out", "verbose", "-v"]) == 0
    assert re.findall(r"^(\d)/4 (?:constant|bias) ", capsys.readouterr().out, re.MULTILINE) == ["1", "2", "3", "4"]


def test_quiet_and_verbose_exclude_each_other(capsys):
    assert said(capsys, *TINY, "-q", "-v") == (2, "bench: --quiet and --verbose came; they exclude each other\n")


@pytest.mark.skipif(shutil.which("script") is None, reason="script gives a command a terminal")
def test_no_color_leaves_a_terminal_without_colours():
    def shown(**environment):
        command = shlex.join([sys.executable, "-m", "bench", "--help"])
        ended = subprocess.run(
            ["script", "-qec", command, "/dev/null"],
            env={**os.environ, "TERM": "xterm", **environment},
            capture_output=True,
            text=True,
            check=True,
        )
        return re.findall(r"\x1b\[(?:\d+;)*3\d(?:;\d+)*m", ended.stdout)

    assert shown()
    assert not shown(NO_COLOR="1")


def test_doctor_finds_versions_devices_and_places(capsys):
    assert run_cli(["doctor"]) == 0
    out = capsys.readouterr().out
    for what in ("python", "torch", "cpu", "cuda", "data cache", "kernel cache", "reports"):
        assert f"ok      {what}" in out


def test_doctor_ends_with_1_where_something_is_missing(capsys, monkeypatch):
    monkeypatch.setattr("bench.tools.doctor.versions", dict)
    assert run_cli(["doctor"]) == 1
    assert "MISSING torch" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--variants", "regresion"], "unknown variant 'regresion' (did you mean 'regression'?)"),
        (["--dataset", "ml-100"], "unknown dataset 'ml-100' (did you mean 'ml-100k'?)"),
        (["--devices", "gpu"], "unknown device 'gpu'"),
        (["--protocol", "random"], "unknown protocol 'random'"),
        (["--engine", "fastia"], "unknown engine 'fastia' (did you mean 'fastai'?)"),
        (["--preset", "blag"], "unknown preset 'blag' (did you mean 'blog'?)"),
        (["--sampler", "permutations"], "unknown sampler 'permutations' (did you mean 'permutation'?)"),
        (["--item-key", "titel"], "unknown item key 'titel'; allowed: title (as in the fastai book), id"),
        (["--learning-rates", "0"], "learning rate 0 came; a learning rate is a finite number above 0"),
        (["--learning-rates", "5e-3,-1"], "learning rate -1 came"),
        (["--learning-rates", "nan"], "learning rate nan came"),
        (["--learning-rates", "fast"], "learning rate fast came; it is a number, such as 0.005"),
        (["--learning-rates", ","], "learning rate came empty; it is a list separated by commas"),
        (["--seeds", "0"], "--seeds 0 came; it is a count, 1 or above"),
        (["--seeds", "many"], "--seeds"),
        (["--jobs", "0"], "--jobs 0 came"),
        (["--stack", "0"], "--stack 0 came; it is a number of trials, 1 or above, or auto"),
        (["--stack", "all"], "--stack all came"),
        (["--trial-timeout", "0"], "--trial-timeout 0 came"),
        (["--trial-timeout", "nan"], "--trial-timeout nan came"),
        (["--plugin", "absent.py"], "plug-in 'absent.py' is not a file"),
        (["--data", "absent.csv"], "absent.csv"),
        (["--scale", "1,2,3"], "--scale came with ml-100k; its options are item_key; leave it out"),
        (["--data", "absent.zip", "--scale", "1,2,3"], "'absent.zip' does not exist; pass a file of ratings"),
        (["--data", "absent.csv", "--scale", "1,x"], "'x' in the scale '1,x' is not a number"),
        (["--dataset", "synthetic-1000", "--data", "x.csv"], "--dataset synthetic-1000 and --data x.csv came; pass one of them"),
        (["--sedes", "3"], "No such option: --sedes"),
        (["--seeds"], "--seeds"),
    ],
)
def test_bad_input_of_run_gets_one_sentence_and_exit_code_2(capsys, arguments, sentence):
    code, error = said(capsys, "run", *arguments)
    assert code == 2
    assert error.startswith("bench: ")
    assert error.count("\n") == 1, error
    assert sentence in error


def test_cuda_without_cuda_is_refused(capsys, monkeypatch):
    for place in ("bench.plan.plan", "cfce.engines.devices"):
        monkeypatch.setattr(f"{place}.available_devices", lambda: ["cpu"])
    assert said(capsys, "run", "--devices", "cuda") == (
        2,
        "bench: device 'cuda' came, but no CUDA device was found here; use --devices cpu\n",
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["report", "nowhere"], "'nowhere' holds no study"),
        (["describe", "cee"], "unknown variant 'cee' (did you mean 'ce'?)"),
        (["describe", "ce", "--factors", "0"], "--factors 0 came"),
        (["lr-find", "bias", "--dataset", "synthetic-100"], "'bias' is no network"),
        (["lr-find", "ce", "--device", "tpu"], "unknown device 'tpu'"),
        (["rnu"], "No such command 'rnu'"),
    ],
)
def test_bad_input_of_other_commands_gets_one_sentence_and_exit_code_2(capsys, arguments, sentence):
    code, error = said(capsys, *arguments)
    assert (code, error.count("\n")) == (2, 1), error
    assert sentence in error


def test_a_plug_in_that_raises_gets_one_sentence(capsys, tmp_path):
    (tmp_path / "broken.py").write_text("raise RuntimeError('oh no')")
    assert said(capsys, "run", "--plugin", "broken.py") == (
        2,
        "bench: plug-in 'broken.py' raised RuntimeError: oh no; mend it, or run without it\n",
    )


def test_an_output_folder_that_cannot_be_written_is_refused(capsys, tmp_path):
    (tmp_path / "a-file").write_text("in the way")
    code, error = said(capsys, "run", "--dataset", "synthetic-100", "--out", "a-file/study")
    assert code == 2
    assert "'a-file/study' cannot be written (Not a directory); pass --out with a folder that can be" in error


def test_debug_shows_the_traceback():
    with pytest.raises(ValueError, match="unknown variant"):
        run_cli(["run", "--variants", "cee", "--debug"])


def test_ctrl_c_outside_a_run_ends_with_130(capsys, monkeypatch):
    def interrupted():
        raise KeyboardInterrupt

    monkeypatch.setattr("bench.tools.doctor.examine", interrupted)
    assert said(capsys, "doctor")[0] == 130
