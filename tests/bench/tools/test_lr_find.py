"""``bench lr-find`` says fastai's valley and draws it."""

import pytest

from bench.cli import run_cli


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path_factory):
    monkeypatch.setenv("CFCE_CACHE", str(tmp_path_factory.mktemp("cache")))


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


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["bias"], "'bias' is no network: it is fitted and has no learning rate; choose a trained variant"),
        (["regresion"], "unknown variant 'regresion' (did you mean 'regression'?)"),
        (["ce", "--out", "/proc/none/lr.png"], "the plot cannot be written to '/proc/none/lr.png'"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(arguments, sentence, capsys):
    assert run_cli(["lr-find", "--dataset", "synthetic-1000", *arguments]) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith(f"bench: {sentence}")
