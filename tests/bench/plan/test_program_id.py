"""A trial of a program is another trial exactly when what decides its predictions is other."""

import pytest

from bench.plan.code_version import code_version, forget_files
from cfce.estimators import Program
from cfce.estimators.program import Command
from cfce.protocols import PROTOCOLS


@pytest.fixture
def version(tmp_path):
    """``version(*words)``: the code version of a command in a folder with a Python file and a module beside it, read anew."""
    (tmp_path / "fit.py").write_text("# /// script\n# [tool.cfce]\n# files = ['data.txt']\n# ///\nimport helper\n")
    (tmp_path / "helper.py").write_text("shrinkage = 1\n")
    (tmp_path / "data.txt").write_text("1\n")
    (tmp_path / "other.py").write_text("pass\n")

    def read(*words: str, home=tmp_path) -> str:
        forget_files()
        program = Program.of(Command(words or ("python", "fit.py"), home))
        return code_version(program, "program", PROTOCOLS["random-80-10-10"])

    return read


@pytest.mark.parametrize("name", ["fit.py", "helper.py", "data.txt"])
def test_an_edit_to_a_file_of_the_command_is_another_trial(name, version, tmp_path):
    before = version()
    with (tmp_path / name).open("a") as file:
        file.write("# edited\n")
    assert version() != before


@pytest.mark.parametrize("first", ["./fit.py", "fit.py", "./run"])
def test_an_edit_to_the_first_word_is_another_trial_though_a_later_word_is_a_file_too(first, version, tmp_path):
    (tmp_path / "run").write_text("#!/bin/sh\n")
    before = version(first, "data.txt")
    with (tmp_path / first).open("a") as file:
        file.write("# edited\n")
    assert version(first, "data.txt") != before


def test_an_interpreter_beside_the_program_is_no_file_of_it(tmp_path):
    for name in ("python3.12", "fit.py", "x.txt"):
        (tmp_path / name).write_text("")
    assert [path.name for path in Command(("./python3.12", "fit.py", "x.txt"), tmp_path).files] == ["fit.py", "x.txt"]
    assert [path.name for path in Command(("./python3.12",), tmp_path).files] == ["python3.12"]


def test_a_file_is_declared_beside_the_one_that_declares_it(version, tmp_path):
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "run.sh").write_text("exec python $1\n")
    version()
    found = Program.of(Command(("tools/run.sh", "fit.py"), tmp_path)).files
    assert [path.relative_to(tmp_path).as_posix() for path in found] == ["tools/run.sh", "fit.py", "data.txt"]


def test_an_edit_to_a_file_beside_it_is_not(version, tmp_path):
    before = version()
    (tmp_path / "other.py").write_text("edited = True\n")
    assert version() == before


def test_another_argument_or_interpreter_is_another_trial_and_another_folder_is_not(version, tmp_path):
    before = version()
    assert version("python", "fit.py", "--fast") != before
    assert version("pypy", "fit.py") != before
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for name in ("fit.py", "helper.py", "data.txt"):
        (elsewhere / name).write_bytes((tmp_path / name).read_bytes())
    assert version(home=elsewhere) == before
    assert version("python", str(tmp_path / "fit.py")) == before


@pytest.mark.parametrize("edited", ["a/x.txt", "b/x.txt"])
def test_two_declared_files_of_one_name_both_count(edited, version, tmp_path):
    (tmp_path / "fit.py").write_text("# /// script\n# [tool.cfce]\n# files = ['a/x.txt', 'b/x.txt']\n# ///\n")
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.txt").write_text(name)
    before = version()
    (tmp_path / edited).write_text("edited")
    assert version() != before
