"""Spaces: declared by options, changed by flags and files; what bad ones get."""

from dataclasses import replace
from pathlib import Path

import pytest

import bench.variants.built_in  # noqa: F401 - registers the variants
from bench.tuning.space import read_space, space_of
from bench.tuning.terms import Terms
from bench.variants.variant import VARIANTS
from cfce.errors import UserError
from cfce.search import Range


def written(path, text):
    file = path / "space.toml"
    file.write_text(text)
    return file


@pytest.mark.parametrize("name", [name for name, one in VARIANTS.items() if any(o.ranges for o in one.options.values())])
def test_every_declared_range_lies_within_what_its_option_allows_and_holds_the_default(name):
    space = space_of(name, {}, {})
    for option in space.ordered:
        found = space.range_of(option, space.defaults)
        assert found is None or found.contains(space.defaults[option]), option


def test_ranges_that_can_never_hold_are_left_out():
    assert "regularization" not in space_of("regression", {}, {}).ranges
    assert "weight_decay" not in space_of("regression", {"optimizer": ("sgd",)}, {}).ranges
    assert space_of("regression", {"optimizer": ("sgd",)}, {}).ranges["epochs"] == (Range(10, 80, log=True),)


def test_a_flag_keeps_an_option_and_several_values_are_choices():
    space = space_of("regression", {"epochs": ("5",), "n_factors": ("8", "16")}, {})
    assert "epochs" not in space.ranges
    assert space.ranges["n_factors"] == (Range(choices=(8, 16)),)
    assert space.defaults["n_factors"] == 8


def test_a_file_gives_ranges_to_all_variants_or_to_one(tmp_path):
    text = "[all]\nepochs = {low = 1, high = 3}\n"
    text += '[hl-gauss]\nsigma = {low = 0.1, high = 1, log = true}\nsampler = {choices = ["permutation"]}\n'
    given = read_space(written(tmp_path, text))
    assert space_of("ce", {}, given).ranges["epochs"] == (Range(1, 3),)
    assert space_of("hl-gauss", {}, given).ranges["sigma"] == (Range(0.1, 1, log=True),)
    assert space_of("hl-gauss", {}, given).ranges["sampler"] == (Range(choices=("permutation",)),)


def test_no_batch_is_larger_than_train():
    """512 at most as declared; 320 of 320 ratings; none is left of a range that begins above them, and the default is kept."""
    space = space_of("ce", {}, {})
    (declared,) = space.ranges["batch_size"]
    assert space.up_to("batch_size", 80_000) == space
    assert space.up_to("batch_size", 320).ranges["batch_size"] == (replace(declared, high=320),)
    small = space.up_to("batch_size", int(declared.low))
    assert "batch_size" not in small.ranges
    assert small.defaults == space.defaults
    assert small.ranges["epochs"] == space.ranges["epochs"]
    assert space_of("bias", {}, {}).up_to("batch_size", 10) == space_of("bias", {}, {})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[regresion]\n", "unknown variant 'regresion' (did you mean 'regression'?)"),
        ("[ce]\nepoch = {low = 1, high = 3}\n", "unknown option 'epoch' (did you mean 'epochs'?)"),
        ("[ce]\nepochs = {low = 1, hihg = 3}\n", "unknown key of ce.epochs 'hihg' (did you mean 'high'?)"),
        ("[ce]\nepochs = {low = 1}\n", "neither low and high nor choices"),
        ("[ce]\nepochs = {low = 3, high = 1}\n", "a range from 3 to 1 came; give a low that is below its high"),
        ("[ce]\nepochs = {low = 0, high = 3, log = true}\n", "a logarithmic range from 0 came"),
        ("[ce]\nepochs = 3\n", "gives ce.epochs a value; it is a range"),
        ("ce = 3\n", "gives ce a value; it is a table"),
        ("[ce\n", "is no TOML"),
    ],
)
def test_a_bad_file_gets_a_sentence(tmp_path, text, sentence):
    with pytest.raises(UserError) as error:
        read_space(written(tmp_path, text))
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "found", "sentence"),
    [
        ("epochs", Range(0, 3), "the space of 'ce' gives epochs 0 to 3: epochs 0 came"),
        ("epochs", Range(1.5, 3), "epochs 1.5 came; it is a whole number"),
        ("weight_decay", Range(-1, 1), "weight decay -1 came"),
        ("sampler", Range(choices=("permutation", "dice")), "unknown sampler 'dice'"),
        ("sampler", Range(1, 2), "which is no number; give choices"),
        ("epochs", Range(1, 3, when="optimiser=adam"), "unknown option 'optimiser'"),
    ],
)
def test_a_range_outside_what_an_option_allows_gets_a_sentence(name, found, sentence):
    with pytest.raises(UserError) as error:
        space_of("ce", {}, {"ce": {name: found}})
    assert sentence in str(error.value)


def test_a_variant_with_nothing_to_tune_is_told_so():
    with pytest.raises(UserError, match="variant 'constant' has no option with a range"):
        space_of("constant", {}, {})


@pytest.mark.parametrize(
    ("terms", "sentence"),
    [
        ({"budget": 1}, "--budget 1 came; a budget is 2 settings or more"),
        ({"seconds": 0.0}, "--seconds 0 came"),
        ({"metric": "rsme"}, "unknown metric 'rsme' (did you mean 'rmse'?)"),
        ({"sampler": "grid"}, "unknown sampler 'grid'"),
        ({"splits": 0}, "--splits 0 came"),
        ({"protocol": "kfold-5", "splits": 9}, "has 5; use --splits 5"),
        ({"seed": -1}, "--seed -1 came"),
    ],
)
def test_bad_terms_get_a_sentence(terms, sentence):
    with pytest.raises(UserError) as error:
        Terms(**terms)
    assert sentence in str(error.value)


def test_the_space_of_the_how_to_is_one(tmp_path):
    text = (Path(__file__).parents[3] / "docs" / "how-to" / "tuning.md").read_text()
    toml = text.split("<!-- space -->\n```toml\n")[1].split("```")[0]
    assert space_of("hl-gauss", {}, read_space(written(tmp_path, toml))).ranges["sigma"] == (Range(0.1, 2.0),)
