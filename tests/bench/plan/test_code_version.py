"""A code version covers every file that a plug-in or a program is made of, whatever these are called and wherever they lie."""

import importlib
import sys

import pytest

from bench.plan.code_version import code_version
from bench.variants.plugins import load_parts
from bench.variants.programs import NamedCommand
from bench.variants.variant import VARIANTS
from cfce.estimators.program import Command
from cfce.protocols import PROTOCOLS

ESTIMATOR = """
{imports}
from dataclasses import dataclass
from bench.registry import Estimator, register_variant

@dataclass(frozen=True)
class Mine(Estimator):
    def fit(self, task): ...

register_variant("mine", "a test's", estimator=Mine())
"""
SCORER = """
from functools import partial
from bench.registry import register_variant
from layers import Layer

def build(sizes, layer, names, width): ...

register_variant("mine", "a test's", objective="squared-error")(partial(build, layer=Layer, names={{"b", "a"}}, width={width}))
"""


@pytest.fixture
def version(tmp_path):
    """``version({name: text})``: the code version of the plug-in ``mine.py`` of a folder after some files are written there."""

    def write(files, folder=tmp_path / "here"):
        for name, text in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        importlib.invalidate_caches()
        if "mine" in VARIANTS:
            VARIANTS.forget("mine")
        load_parts((folder / "mine.py",))
        return code_version(VARIANTS["mine"].estimator, "torch", PROTOCOLS["random-80-20"])

    yield write
    VARIANTS.forget("mine")
    for name in list(sys.modules):
        if name.partition(".")[0] in ("a", "b", "helpers", "layers", "spaces", "top"):
            del sys.modules[name]


def test_two_helpers_of_one_name_both_count_and_where_they_lie_does_not(version, tmp_path):
    plugin = {"mine.py": ESTIMATOR.format(imports="import a.util, b.util"), "a/util.py": "", "b/util.py": ""}
    before = version(plugin)
    assert version(plugin, tmp_path / "moved") == before
    assert len({before, version({"a/util.py": "X = 1\n"}), version({"a/util.py": "", "b/util.py": "X = 1\n"})}) == 3


@pytest.mark.parametrize(
    ("imports", "edited"),
    [
        ("from helpers import shift", "helpers/impl.py"),
        ("import helpers.deep.more", "helpers/impl.py"),
        ("from helpers.deep import more", "helpers/deep/beyond.py"),
        ("from spaces import bare", "spaces/bare.py"),
        ("from helpers.deep import more", "top.py"),
    ],
)
def test_an_edit_anywhere_in_a_package_beside_a_plug_in_counts(version, imports, edited):
    package = {
        "helpers/__init__.py": "from .impl import shift\n",
        "helpers/impl.py": "def shift(): ...\n",
        "helpers/deep/__init__.py": "",
        "helpers/deep/more.py": "from . import beyond\nfrom helpers.impl import shift\nimport top\n",
        "helpers/deep/beyond.py": "",
        "helpers/unused.py": "",
        "spaces/bare.py": "",
        "top.py": "",
    }
    before = version({**package, "mine.py": ESTIMATOR.format(imports=imports)})
    assert version({"helpers/unused.py": "X = 1\n"}) == before
    assert version({edited: package[edited] + "X = 1\n"}) != before


def test_a_partial_counts_by_its_function_and_its_arguments(version):
    before = version({"mine.py": SCORER.format(width=4), "layers.py": "class Layer: ...\n"})
    assert version({}) == before
    assert version({"layers.py": "class Layer: x = 1\n"}) != before
    assert version({"mine.py": SCORER.format(width=4) + "# edited\n", "layers.py": "class Layer: ...\n"}) != before


def test_arguments_of_a_partial_count_where_the_function_is_of_cfce(version):
    text = (
        "from functools import partial\nfrom bench.registry import register_variant\n"
        "from cfce.models.dot_product_bias import dot_product_bias\n"
        'register_variant("mine", "a test\'s", objective="squared-error")(partial(dot_product_bias, {}))\n'
    )
    assert version({"mine.py": text.format("width=4")}) != version({"mine.py": text.format("width=5")})


def test_a_helper_package_of_another_plug_in_is_not_taken_for_ones_own(version, tmp_path):
    plugin = ESTIMATOR.replace("a test's", "{{TOLD}}").replace('"{{TOLD}}"', "TOLD").format(imports="from helpers import TOLD")
    for told in ("one", "other"):
        version({"mine.py": plugin, "helpers/__init__.py": f"TOLD = '{told}'\n"}, tmp_path / told)
        assert VARIANTS["mine"].description == told


def test_a_module_of_ones_own_elsewhere_stays_though_a_folder_beside_a_plug_in_has_its_name(version, tmp_path, monkeypatch):
    (tmp_path / "lib" / "models").mkdir(parents=True)
    (tmp_path / "lib" / "models" / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(str(tmp_path / "lib"))
    before = importlib.import_module("models")
    version({"mine.py": ESTIMATOR.format(imports=""), "models/trained.py": ""}, tmp_path / "plugin")
    assert importlib.import_module("models") is before
    del sys.modules["models"]


def test_a_program_that_was_edited_is_read_anew_in_one_session(tmp_path):
    file = tmp_path / "fit.sh"
    found = set()
    for text in ("echo 1\n", "echo 2\n"):
        file.write_text(text)
        load_parts((), (NamedCommand("a-test", Command(("sh", "fit.sh"), tmp_path)),))
        found.add(code_version(VARIANTS["a-test"].estimator, "program", PROTOCOLS["random-80-20"]))
    VARIANTS.forget("a-test")
    assert len(found) == 2
