"""What every peer declares, and what is said where none can run."""

import re

import pytest

from bench.cli import run_cli
from bench.plan.plan import variant_names
from bench.variants.peers import scripts
from bench.variants.plugins import load_parts
from bench.variants.variant import VARIANTS
from cfce.errors import UserError
from cfce.estimators import Program

load_parts()
SCRIPTS = {path.stem.replace("_", "-"): path for path in scripts()}


def test_every_script_is_a_variant_and_every_library_is_there() -> None:
    assert {name.partition("-")[0] for name in SCRIPTS} == {"surprise", "lenskit", "cornac", "myfm", "fastai"}
    assert {name for name, variant in VARIANTS.items() if variant.estimator.outside} == set(SCRIPTS)


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_peer_says_what_it_is_its_source_its_options_and_where_to_search_them(name: str) -> None:
    estimator = VARIANTS[name].estimator
    assert isinstance(estimator, Program)
    assert estimator.needs_uv
    declared = estimator.declaration
    assert declared.description
    assert declared.source
    assert declared.options
    for option in declared.options:
        assert option.help.endswith(".")
        (searched,) = option.ranges
        assert searched.contains(option.default)


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_package_of_a_peer_has_one_version(name: str) -> None:
    (packages,) = re.findall(r"^# dependencies = \[(.*)\]$", SCRIPTS[name].read_text(), re.M)
    named = re.findall(r'"([^"]*)"', packages)
    assert len(named) >= 4
    assert all(re.fullmatch(r"[a-z-]+==[\d.]+", package) for package in named)


def test_a_shared_file_of_a_peer_is_in_its_trials_ids() -> None:
    from bench.plan.source_code import with_imports

    names = {path.name for path in with_imports(SCRIPTS["surprise-svd"])}
    assert names == {"surprise_svd.py", "_surprise.py", "_folder.py"}


def test_names_of_families_and_all_leave_peers_out_and_programs_names_them() -> None:
    assert not set(variant_names(("all", "regression", "ordinal"))) & set(SCRIPTS)
    assert set(variant_names(("programs",))) == set(SCRIPTS)


def test_without_uv_a_peer_is_refused_with_the_fix_and_the_list_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("cfce.estimators.program.program.find_uv", lambda: None)
    sentence = (
        "surprise_svd.py needs an environment of its own, but uv was not found; install it: pip install 'cfce-bench[programs]'"
    )
    with pytest.raises(UserError) as error:
        VARIANTS["surprise-svd"].estimator.prepare(print)
    assert str(error.value) == sentence
    assert run_cli(["list"]) == 0
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("  surprise-svd ")]
    assert line.endswith(f"; cannot run here: {sentence}")
