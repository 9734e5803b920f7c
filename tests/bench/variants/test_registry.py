from importlib.metadata import EntryPoint

import pytest

from bench.plan.code_version import code_version
from bench.registry import REGISTRIES
from bench.variants.plugins import load_parts, load_plugin
from bench.variants.variant import VARIANTS, register_variant
from cfce.errors import UserError
from cfce.models.dot_product_bias import dot_product_bias
from cfce.protocols import PROTOCOLS

PLUGIN = """
from bench.registry import register_variant

@register_variant("mine", "my own", objective="squared-error")
def mine(sizes):
    import torch
    return torch.nn.Bilinear(1, 1, 1)
"""


@pytest.fixture(autouse=True)
def _registry():
    load_parts()
    before = {kind: set(registry) for kind, registry in REGISTRIES.items()}
    yield
    for kind, registry in REGISTRIES.items():
        for name in set(registry) - before[kind]:
            registry.forget(name)


def write(folder, text, name="plugin.py"):
    path = folder / name
    path.write_text(text)
    return path


def test_a_name_that_is_taken_is_refused_and_says_by_whom():
    with pytest.raises(UserError, match="variant 'ce' is registered already, by cfce; choose another name"):
        register_variant("ce", "again", objective="cross-entropy")(dot_product_bias)


def test_an_unknown_name_suggests_the_nearest_and_lists_all():
    expected = r"unknown variant 'ce_sigmoid' \(did you mean 'ce-sigmoid'\?\); allowed: bayes-gaussian, bayes-ordinal, bias, ce"
    with pytest.raises(UserError, match=expected):
        VARIANTS["ce_sigmoid"]


def test_a_plug_in_registers_its_variants_under_its_file(tmp_path):
    path = write(tmp_path, PLUGIN)
    load_plugin(path)
    assert VARIANTS.source("mine") == str(path)
    assert VARIANTS["mine"].estimator.objective_name == "squared-error"


def test_a_plug_in_that_is_loaded_again_is_read_again(tmp_path):
    path = write(tmp_path, PLUGIN)
    load_plugin(path)
    before = code_version(VARIANTS["mine"].estimator, "torch", PROTOCOLS["random-80-20"])
    write(tmp_path, PLUGIN.replace("my own", "mended"))
    load_plugin(path)
    assert VARIANTS["mine"].description == "mended"
    assert code_version(VARIANTS["mine"].estimator, "torch", PROTOCOLS["random-80-20"]) != before


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("1 / 0", "raised ZeroDivisionError: division by zero; mend it, or run without it"),
        ("def (", "raised SyntaxError"),
        ("import no_such_module", "raised ModuleNotFoundError: No module named 'no_such_module'"),
        ("x = 1", "registers nothing; import what registers a part from bench.registry"),
        (PLUGIN.replace('"mine"', '"ce"'), "cannot be used: variant 'ce' is registered already"),
    ],
)
def test_a_plug_in_that_cannot_be_used_says_why_in_one_sentence(tmp_path, text, sentence):
    path = write(tmp_path, text)
    with pytest.raises(UserError) as error:
        load_plugin(path)
    assert sentence in str(error.value)
    assert str(path) in str(error.value)


def test_what_a_plug_in_registered_before_it_raised_is_taken_back(tmp_path):
    with pytest.raises(UserError):
        load_plugin(write(tmp_path, PLUGIN + "\n1 / 0\n"))
    assert "mine" not in VARIANTS


def test_a_missing_plug_in_and_one_that_is_no_python_file_say_so(tmp_path):
    with pytest.raises(UserError, match="is not a file; pass the path of a Python file"):
        load_plugin(tmp_path / "absent.py")
    with pytest.raises(UserError, match=r"is not a Python file; pass a file whose name ends in \.py"):
        load_plugin(write(tmp_path, PLUGIN, "plugin.txt"))


def test_entry_points_of_installed_packages_are_loaded_once(tmp_path, monkeypatch):
    write(tmp_path, PLUGIN, "a_package_of_variants.py")
    monkeypatch.syspath_prepend(tmp_path)
    point = EntryPoint("any", "a_package_of_variants", "cfce.plugins")
    monkeypatch.setattr("bench.variants.plugins.entry_points", lambda group: [point] if group == "cfce.plugins" else [])
    load_parts()
    load_parts()
    assert VARIANTS.source("mine") == "a_package_of_variants"


def test_an_entry_point_that_raises_is_named(tmp_path, monkeypatch):
    write(tmp_path, "1 / 0", "a_broken_package.py")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("bench.variants.plugins.entry_points", lambda group: [EntryPoint("any", "a_broken_package", group)])
    with pytest.raises(UserError, match=r"entry point 'any' of the group cfce\.plugins raised ZeroDivisionError"):
        load_parts()


def test_the_code_version_differs_by_engine_objective_and_library_version(monkeypatch):
    regression, ce = VARIANTS["regression"], VARIANTS["ce"]
    versions = {
        code_version(variant.estimator, engine, PROTOCOLS["random-80-20"])
        for variant in (regression, ce)
        for engine in ("fastai", "torch", "fused")
    }
    assert len(versions) == 6
    before = (
        code_version(ce.estimator, "fused", PROTOCOLS["random-80-20"]),
        code_version(ce.estimator, "torch", PROTOCOLS["random-80-20"]),
    )
    monkeypatch.setattr("bench.plan.code_version.version", lambda library: "9" if library == "numba" else "1")
    after = (
        code_version(ce.estimator, "fused", PROTOCOLS["random-80-20"]),
        code_version(ce.estimator, "torch", PROTOCOLS["random-80-20"]),
    )
    monkeypatch.setattr("bench.plan.code_version.version", lambda library: "8" if library == "numba" else "1")
    assert code_version(ce.estimator, "fused", PROTOCOLS["random-80-20"]) != after[0], "numba trains the fused engine"
    assert code_version(ce.estimator, "torch", PROTOCOLS["random-80-20"]) == after[1], "numba does not train the torch engine"
    assert before[0] != after[0]
