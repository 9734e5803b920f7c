"""Parts travel as copies of their files: what is unpacked needs nothing of the folder that they came from."""

import importlib
import shutil
import sys

import pytest

from bench.variants.luggage import NAME, Parts
from bench.variants.programs import read_programs
from cfce.estimators import Program

PLUGIN = """
from helper import NAME
from bench.registry import register_variant
from cfce.models.dot_product_bias import dot_product_bias

register_variant(NAME, "a test's", objective="squared-error")(dot_product_bias)
"""


@pytest.fixture
def travelled(tmp_path, monkeypatch):
    """``travelled(parts)``: packed, sent as a copy to another place, their home gone, and unpacked there."""

    def send(parts, home):
        packed, packages = parts.packed(tmp_path / "packed")
        shutil.copytree(packages[-1], tmp_path / "node" / NAME)
        for gone in (home, tmp_path / "packed"):
            shutil.rmtree(gone)
        monkeypatch.syspath_prepend(tmp_path / "node")
        monkeypatch.delitem(sys.modules, NAME, raising=False)
        importlib.invalidate_caches()
        return packed.unpacked()

    yield send
    sys.modules.pop(NAME, None)


def test_a_plugin_travels_with_what_it_imports_from_beside_it_and_with_nothing_else(travelled, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    (home / "mine.py").write_text(PLUGIN)
    (home / "helper.py").write_text("from names.given import NAME\n")
    (home / "names").mkdir()
    (home / "names" / "__init__.py").write_text("from .given import NAME\n")
    (home / "names" / "given.py").write_text("NAME = 'travels'\n")
    (home / "secret.csv").write_text("user,item,rating\n")
    parts = travelled(Parts((home / "mine.py",)), home)
    (plugin,) = parts.plugins
    found = sorted(path.relative_to(plugin.parent).as_posix() for path in plugin.parent.rglob("*.py"))
    assert found == ["helper.py", "mine.py", "names/__init__.py", "names/given.py"]
    assert not list(plugin.parent.rglob("*.csv"))
    assert plugin.read_text() == PLUGIN


def test_a_program_travels_with_its_files_and_is_the_same_command_by_its_identity(travelled, tmp_path, monkeypatch):
    home = tmp_path / "home"
    home.mkdir()
    script = "# /// script\n# [tool.cfce]\n# files = ['data/x.txt']\n# ///\necho hello\n"
    (home / "fit.sh").write_text(script)
    (home / "data").mkdir()
    (home / "data" / "x.txt").write_text("1\n")
    (home / "settings.txt").write_text("fast\n")
    monkeypatch.chdir(home)
    (program,) = read_programs(["mine=sh fit.sh settings.txt --level 3"])
    monkeypatch.chdir(tmp_path)
    (there,) = travelled(Parts((), (program,)), home).programs
    assert there.command.identity() == ("sh", "fit.sh", "settings.txt", "--level", "3")
    assert [path.read_text() for path in there.command.files] == [script, "fast\n"]
    assert [path.read_text() for path in Program.of(there.command).files] == [script, "fast\n", "1\n"]
    assert there.command.problem() is None
    assert there.command.argv()[1] == str(tmp_path / "node" / NAME / "program-0" / "1" / "fit.sh")
