"""Closed and narrow streams, full and read-only places, little memory, and folders that hold traps."""

import os
import resource
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

from bench.cli import run_cli
from bench.study import load_study
from cfce.datasets import load_dataset
from cfce.estimators.program.uv import find_uv, is_made

KIND = "odd environments"


def closed(*numbers):
    def close():
        for number in numbers:
            os.close(number)

    return close


@pytest.mark.parametrize("numbers", [(0, 1, 2), *(pytest.param(one, marks=pytest.mark.faults) for one in ((1,), (2,)))])
def test_closed_streams_change_nothing_but_what_is_seen(bench, trained, tmp_path, kind, numbers):
    folder = shutil.copytree(trained, tmp_path / "study")
    (folder / "report.md").unlink()
    done = bench("report", folder, before=closed(*numbers))
    kind.expect(done.code == 0, done.err)
    kind.expect((folder / "report.md").exists() and done.is_clean, done.err)


def test_output_that_cannot_be_written_is_one_sentence_and_exit_code_1(bench, kind):
    full = os.open("/dev/full", os.O_WRONLY)
    done = bench("list", before=lambda: os.dup2(full, 1))
    os.close(full)
    kind.expect(done.code == 1 and done.is_clean, done.err)
    kind.expect("the output cannot be written: No space left on device" in done.sentence, done.err)


def test_a_pipe_that_is_read_no_more_is_one_sentence(bench, kind):
    read, write = os.pipe()
    os.close(read)
    done = bench("list", before=lambda: os.dup2(write, 1))
    os.close(write)
    kind.expect(done.code == 1 and done.is_clean, done.err)
    kind.expect("the output cannot be written" in done.sentence, done.err)


NARROW = (
    pytest.param({"PYTHONIOENCODING": "ascii"}, marks=pytest.mark.faults),
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
)


@pytest.mark.parametrize("encoding", NARROW, ids=["ascii", "LANG=C"])
def test_letters_that_an_encoding_lacks_are_escapes(bench, trained, tmp_path, kind, encoding):
    folder = tmp_path / "größe-日本"
    shutil.copytree(trained, folder)
    done = bench("report", folder, **encoding)
    kind.expect(done.code == 0 and done.is_clean, done.err)
    described = bench("describe", "regression", "--dataset", "synthetic-1000", **encoding)
    kind.expect(described.code == 0 and described.is_clean and "flowchart" in described.out, described.err)


def test_a_folder_whose_name_is_no_utf_8_is_trained_into_and_reported(bench, tiny, tmp_path, kind):
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/st\xffdy"))
    done = bench("run", *tiny, "--variants", "regression", "--out", os.fspath(folder))
    kind.expect(done.code == 0 and done.is_clean, done.err)
    report = (folder / "report.md").read_text(encoding="utf-8")
    kind.expect("st\\\\udcffdy" in report and "$'" in report, report[:300])


@pytest.mark.faults
def test_a_study_in_the_current_folder_is_titled_by_the_folder(bench, tiny, trained, tmp_path, kind):
    folder = tmp_path / "my-study"
    shutil.copytree(trained, folder, ignore=shutil.ignore_patterns("study.json"))
    done = bench("run", *tiny, "--variants", "regression,ce", "--out", ".", cwd=folder)
    kind.expect(done.code == 0, done.err)
    kind.expect("# Study my-study" in (folder / "report.md").read_text(encoding="utf-8"), "title")


def test_bare_bench_shows_the_help(bench, kind):
    done = bench()
    kind.expect("Usage: bench" in done.out + done.err and done.is_clean, done.err)


def test_little_memory_takes_diagrams_and_figures_but_no_trial(bench, tiny, tmp_path, kind):
    """A limit on addresses under which training works and torch does not."""
    folder = tmp_path / "study"
    limit = 1_300_000 * 1024
    flags = ("--variants", "regression", "--out", folder)
    done = bench(
        "run",
        *tiny,
        *flags,
        before=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)),
    )
    kind.expect(done.code in (0, 1) and done.is_clean, done.err)
    kind.expect({record.status for record in load_study(folder).records} == {"ok"}, done.err)


def test_a_place_that_cannot_be_written_is_refused_before_anything_is_measured(tmp_path, kind, capsys, monkeypatch):
    monkeypatch.setenv("CFCE_CACHE", str(tmp_path / "cache"))
    (tmp_path / "file").write_text("")
    for command in (("time", "--quick"), ("lr-find", "regression"), ("run", "--preset", "quick")):
        code = run_cli([*command, "--dataset", "synthetic-1000", "--out", str(tmp_path / "file" / "x.png")])
        (told,) = capsys.readouterr().err.strip().splitlines()
        kind.expect(code == 2 and "cannot be written" in told, told)


def test_bad_flags_of_lr_find_are_one_sentence(kind, capsys):
    for flags in (["--seed", "-1"], ["--batch-size", "0"], ["--factors", "0"], ["--batch-size", "5000"]):
        code = run_cli(["lr-find", "regression", "--dataset", "synthetic-1000", *flags])
        told = capsys.readouterr().err
        kind.expect(code == 2 and len(told.strip().splitlines()) == 1, told)


def test_a_module_of_the_current_folder_is_not_run(bench, tiny, tmp_path, kind, environment):
    """The command is started as its console script is: without the current folder on the path."""
    names = ("pip", "multiprocessing", "pickle", "socket", "runpy", "json", "signal", "typing", "random", "logging", "ntpath")
    for name in names:
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'a').write({name!r})\nraise SystemExit(9)\n")
    empty = str(tmp_path / "empty-cache")
    offline = {
        "PIP_INDEX_URL": "http://127.0.0.1:9/",
        "PIP_RETRIES": "0",
        "http_proxy": "http://127.0.0.1:9/",
        "https_proxy": "http://127.0.0.1:9/",
    }
    done = bench("run", *tiny, "--variants", "regression", "--out", "study", cwd=tmp_path, PYTHONSAFEPATH="1")
    kind.expect(done.code == 0, done.err)
    done = bench("run", "--preset", "quick", "--out", "other", cwd=tmp_path, PYTHONSAFEPATH="1", CFCE_CACHE=empty, **offline)
    kind.expect(done.code == 2 and done.is_clean, done.err)
    kind.expect(not (tmp_path / "ran").exists(), "a module of the current folder ran")


def test_a_uv_toml_of_the_current_folder_is_not_read(tmp_path, kind, monkeypatch):
    script, current = tmp_path / "program" / "fit.py", tmp_path / "current"
    script.parent.mkdir()
    current.mkdir()
    script.write_text('# /// script\n# requires-python = ">=3.11"\n# dependencies = []\n# ///\n')
    (current / "uv.toml").write_text("index-url = no TOML\n")
    monkeypatch.chdir(current)
    kind.expect(is_made(script, find_uv()), "uv read the file of the current folder, which ends it")


@pytest.mark.parametrize("name", ["figures", "trials", "predictions", ".work", "set-aside", "run.lock"])
def test_nothing_is_written_or_removed_through_a_link_out_of_the_study(bench, tiny, trained, tmp_path, kind, capsys, name):
    folder = shutil.copytree(trained, tmp_path / "study")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "holiday.png").write_text("mine")
    target = outside / "holiday.png" if name == "run.lock" else outside
    if (folder / name).is_dir():
        shutil.rmtree(folder / name)
    (folder / name).unlink(missing_ok=True)
    (folder / name).symlink_to(target)
    code = run_cli(["report", str(folder)])
    told = capsys.readouterr().err
    kind.expect(code == 2 and "is a link to" in told, (code, told))
    kind.expect(
        [path.name for path in outside.iterdir()] == ["holiday.png"] and (outside / "holiday.png").read_text() == "mine", told
    )


def test_a_link_under_the_name_that_files_had_before_is_not_followed(trained, undrawn, tmp_path, kind, capsys):
    folder = shutil.copytree(trained, tmp_path / "study")
    victim = tmp_path / "victim"
    victim.write_text("mine")
    for name in (".writable.tmp", f".report.md.{os.getpid()}.tmp", ".report.md.tmp", ".results.csv.tmp"):
        (folder / name).symlink_to(victim)
    kind.expect(run_cli(["report", str(folder)]) == 0, capsys.readouterr().err)
    kind.expect(victim.read_text() == "mine", "followed")


def test_a_folder_of_the_cache_is_made_under_a_name_that_nobody_can_foresee(tmp_path, kind, monkeypatch):
    """Links under the names that it had before, and under one as a killed process leaves it, are neither followed nor used."""
    cache, victim = tmp_path / "cache", tmp_path / "victim"
    cache.mkdir()
    victim.mkdir()
    (victim / "user.npy").write_text("mine")
    for name in (".synthetic-1000.1.tmp", ".synthetic-1000.1.k1ll3d.tmp"):
        (cache / name).symlink_to(victim)
    seen = []
    make = tempfile.mkdtemp
    monkeypatch.setattr(tempfile, "mkdtemp", lambda *args, **named: seen.append(make(*args, **named)) or seen[-1])
    for _ in range(2):
        load_dataset("synthetic-1000", cache=cache, log=lambda line: None)
        shutil.rmtree(cache / "synthetic-1000.1")
    kind.expect(len(set(seen)) == 2 and all(Path(one).parent == cache for one in seen), seen)
    kind.expect(
        [one.name for one in victim.iterdir()] == ["user.npy"] and (victim / "user.npy").read_text() == "mine", "followed"
    )


def test_the_lock_is_taken_by_report(trained, tmp_path, kind, capsys):
    from bench.study.lock import study_lock

    folder = shutil.copytree(trained, tmp_path / "study")
    with study_lock(folder):
        code = run_cli(["report", str(folder)])
    kind.expect(code == 2 and "is in use by process" in capsys.readouterr().err, code)


def test_no_warning_of_a_library_reaches_the_terminal(bench, trained, tmp_path, kind):
    """A home and a cache of matplotlib that cannot be written, and names in letters that its font lacks."""
    from bench.study.files import read_json, write_json

    folder = shutil.copytree(trained, tmp_path / "study")
    for path in [folder / "study.json", *(folder / "trials").iterdir()]:
        content = read_json(path)
        if "trial" in content and content["trial"]["variant"] == "ce":
            content["trial"]["variant"] = "日本語 العربية"
        if "variants" in content:
            content["variants"]["日本語 العربية"] = content["variants"].pop("ce")
        write_json(path, content)
    done = bench("report", folder, MPLCONFIGDIR="/proc/none", HOME="/proc/none")
    kind.expect(done.code == 0 and done.is_clean, done.err)
    kind.expect(not done.err or done.sentence.startswith("figures show boxes for letters"), done.err)


@pytest.mark.skipif(sys.platform != "linux", reason="limits of file sizes")
def test_a_full_disk_names_the_file_what_is_safe_and_the_command_that_resumes(bench, tiny, tmp_path, kind):
    """A tmpfs where root may mount one, else a limit on the size of files."""
    import signal
    import subprocess

    place = tmp_path / "small"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=120k", "none", str(place)], capture_output=True).returncode == 0

    def limited():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (9_000, 9_000))

    try:
        done = bench("run", *tiny, "--variants", "regression,ce", "--out", place / "study", before=None if mounted else limited)
        kind.expect(done.code == 1 and done.is_clean, done.err)
        kind.expect(
            "cannot be written (" in done.err and "the finished trials are safe; this resumes: python -m bench run" in done.err,
            done.err,
        )
        kind.expect(str(place / "study") in done.sentence, done.err)
    finally:
        if mounted:
            subprocess.run(["umount", str(place)], check=True)
