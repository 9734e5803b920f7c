"""``bench lr-find`` says fastai's valley and draws it."""

import pytest

from bench.cli import run_cli
from bench.tools.lr_find import find_learning_rate
from bench.variants.variant import Variant
from cfce.datasets import load_dataset
from cfce.errors import FailedError
from cfce.estimators import Network
from cfce.models import dot_product_bias
from cfce.options import TrainingOptions
from cfce.splits import split_ratings


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path_factory):
    monkeypatch.setenv("CFCE_CACHE", str(tmp_path_factory.getbasetemp() / "lr-cache"))


def test_the_valley_is_said_and_its_plot_is_the_one_file_that_is_left(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    plot = tmp_path / "plots" / "lr.png"
    assert run_cli(["lr-find", "ce", "--dataset", "synthetic-10000", "--factors", "4", "--out", str(plot)]) == 0
    said = capsys.readouterr().out.strip()
    assert said.startswith("ce: the suggested learning rate (valley) is ")
    assert said.endswith(f"plot: {plot}")
    assert 1e-6 < float(said.split(" is ")[1].split(";")[0]) < 1
    assert plot.read_bytes().startswith(b"\x89PNG")
    assert [path for path in tmp_path.rglob("*") if path.is_file() or path.name == "models"] == [plot]


def exploding(after, to):
    """A scorer that gives ``to`` in place of its scores after so many batches."""

    def scorer(sizes):
        def replaced(module, given, scores):
            count.append(1)
            return scores * to if len(count) > after else scores

        count = []
        made = dot_product_bias(sizes)
        made.register_forward_hook(replaced)
        return made

    return scorer


@pytest.mark.parametrize(
    ("after", "sentence"), [(0, "is not finite at any rate"), (3, "exploded after [0-9]+ steps, at the rate .*, too early")]
)
def test_a_loss_that_is_not_finite_is_told_and_no_plot_is_written(tmp_path, after, sentence):
    fold = split_ratings(load_dataset("synthetic-1000", log=lambda line: None), "random-80-20", 0)
    variant = Variant("mine", "", Network(exploding(after, float("nan")), "squared-error"))
    with pytest.raises(FailedError, match=f"the loss of 'mine' {sentence}"):
        find_learning_rate(variant, fold, TrainingOptions(n_factors=2), 0, "cpu", tmp_path / "lr.png")
    assert not list(tmp_path.iterdir())


def test_an_unknown_variant_is_told_those_with_a_learning_rate_alone(capsys):
    assert run_cli(["lr-find", "nope"]) == 2
    allowed = capsys.readouterr().err.strip().partition("allowed: ")[2].split(", ")
    assert {"regression", "ce"} <= set(allowed)
    assert not {"constant", "bias", "surprise-svd", "bayes-ordinal"} & set(allowed)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["bias"], "'bias' is no network that is trained here, so it has no rate to sweep; choose one that is, such as ce"),
        (["regresion"], "unknown variant 'regresion' (did you mean 'regression'?)"),
        (["ce", "--out", "/proc/none/lr.png"], "the plot cannot be written to '/proc/none/lr.png'"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(arguments, sentence, capsys):
    assert run_cli(["lr-find", "--dataset", "synthetic-1000", *arguments]) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith(f"bench: {sentence}")
