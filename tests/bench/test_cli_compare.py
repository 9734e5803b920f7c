"""``bench compare`` prints the verdict of each score."""

from pathlib import Path

import pytest

from bench.cli import run_cli
from bench.cli.compare import margins_of
from cfce.errors import UserError

DRAWS = [(seed, seed, seed) for seed in range(6)]


@pytest.fixture
def folder(make_study, tmp_path: Path) -> Path:  # type: ignore[no-untyped-def]
    """Six splits: 'sharp' predicts well, 'blunt' badly."""
    made = make_study.MadeUp
    study = make_study(tmp_path / "study", [made("sharp", noise=0.1), made("blunt [red]x", noise=1.5, tag=1)], DRAWS)
    return Path(study.path)


def test_the_verdict_is_said_with_its_interval(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["compare", "sharp", "blunt [red]x", "--study", str(folder), "--metric", "rmse,mae"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("sharp is better than blunt [red]x in RMSE on test by ")
    assert lines[1].startswith("sharp is better than blunt [red]x in MAE on test by ")
    assert "95 % interval" in lines[0]
    table = [line.split() for line in lines[2:] if line.split()[:1] in (["rmse"], ["mae"])][:2]
    assert [row[1] for row in table] == ["better", "better"]
    assert any("a training of A is better" in line for line in lines)
    assert all(float(row[2]) == pytest.approx(float(row[-2]) - float(row[-1]), abs=2e-4) for row in table)


def test_a_wide_region_of_equivalence_makes_them_equivalent(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flags = ["--metric", "rmse", "--equivalence", "5"]
    assert run_cli(["compare", "blunt [red]x", "sharp", "--study", str(folder), *flags]) == 0
    assert "are equivalent in RMSE on test: they differ by " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["sharpe", "blunt [red]x"], "unknown variant 'sharpe' (did you mean 'sharp'?)"),
        (["sharp", "sharp"], "'sharp' came twice"),
        (["sharp", "blunt [red]x", "--metric", "rmsee"], "unknown metric 'rmsee' (did you mean 'rmse'?)"),
        (["sharp", "blunt [red]x", "--metric", "rmse", "--equivalence", "-1"], "margin -1 came for RMSE"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(
    folder: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_cli(["compare", *arguments, "--study", str(folder)]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0.1", "--equivalence 0.1 came for 2 scores; say for which, such as nll=0.1"),
        ("mae=0.1", "--equivalence came for 'mae', which is not compared; compared are nll, rps"),
        ("nll=x", "--equivalence 'nll=x' came; it is SCORE=NUMBER"),
    ],
)
def test_margins_that_do_not_fit_are_refused(text: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        margins_of(text, ["nll", "rps"])
