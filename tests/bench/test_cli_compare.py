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
    for row in table:
        last_digit = 10.0 ** -len(row[2].partition(".")[2])
        assert float(row[2]) == pytest.approx(float(row[-2]) - float(row[-1]), abs=0.5 * last_digit + 2e-4)


def test_a_wide_region_of_equivalence_makes_them_equivalent(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flags = ["--metric", "rmse", "--equivalence", "5"]
    assert run_cli(["compare", "blunt [red]x", "sharp", "--study", str(folder), *flags]) == 0
    assert "are equivalent in RMSE on test: sharp is ahead by " in capsys.readouterr().out


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


def test_a_primary_comparison_needs_no_correction_for_others(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    both = ["sharp", "blunt [red]x", "--study", str(folder), "--metric", "rmse"]
    assert run_cli(["compare", *both, "--primary", "sharp,blunt [red]x:rmse"]) == 0
    out = capsys.readouterr().out
    assert "6 splits, primary p " in out.splitlines()[0]
    assert "The primary comparison: sharp against blunt [red]x in RMSE, corrected alone." in out
    assert run_cli(["compare", *both, "--primary", "sharp:rmse"]) == 2
    assert "--primary sharp:rmse came; it is A,B:SCORE" in capsys.readouterr().err


def test_everything_that_weakens_the_reports_sentence_is_said_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from bench.comparison.compare import compare_all
    from bench.comparison.notes import notes_of
    from bench.comparison.scores import StudyScores
    from bench.study import load_study

    (row,) = (one for one in compare_all(StudyScores.of(load_study(folder))) if one.metric == "rps")
    assert run_cli(["compare", row.a, row.b, "--study", str(folder), "--metric", "rps"]) == 0
    out = capsys.readouterr().out
    assert out.splitlines()[0] == row.text
    assert all(note in out for note in notes_of([row]))
    assert "makes at least 17 seeds: bench run --seeds 17" in out


def test_a_report_may_declare_what_its_plan_did_not(folder: Path, undrawn: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["report", str(folder), "--primary", "blunt [red]x,sharp:rps", "--reference", "sharp"]) == 0
    head = (folder / "report.md").read_text().split("## Scores by")[0]
    assert "Primary comparison. sharp is better than blunt" in head
    assert "Everything is compared with sharp alone" in head
    before = (folder / "report.md").read_bytes()
    assert run_cli(["report", str(folder), "--reference", "shar"]) == 2
    assert "unknown variant 'shar' (did you mean 'sharp'?)" in capsys.readouterr().err
    assert (folder / "report.md").read_bytes() == before
