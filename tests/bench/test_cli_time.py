"""``bench time`` measures, writes three files, and says by its exit code what became slower."""

import json
from pathlib import Path

import pytest

from bench.cli import run_cli

QUICK = ["time", "--quick", "--dataset", "synthetic-1000", "--variants", "ce"]


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CFCE_CACHE", str(tmp_path_factory.getbasetemp() / "time-cache"))


def test_every_engine_is_timed_beside_fastai_and_the_floor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli([*QUICK, "--devices", "cpu", "--out", str(tmp_path / "here")]) == 0
    content = json.loads((tmp_path / "here" / "timing.json").read_text())
    assert [(fit["engine"], fit["stacked"]) for fit in content["fits"]] == [
        ("fastai", 1),
        ("torch", 1),
        ("torch", 8),
        ("fused", 1),
    ]
    assert all(fit["seconds_per_epoch"]["median"] > 0 and fit["n_parameters"] == 192 * 51 + 10 for fit in content["fits"])
    assert content["fits"][3]["times_faster_than_fastai"] > 1
    assert content["floor"]["updates"] == 800 // 64
    assert {(one["engine"], one["batch"]) for one in content["latencies"]} == {
        ("torch", 1),
        ("torch", 10_000),
        ("fused", 1),
        ("fused", 10_000),
    }
    shown = capsys.readouterr().out
    assert (tmp_path / "here" / "timing.md").read_text().strip() in shown


def timed(tmp_path: Path, *flags: str) -> int:
    return run_cli([*QUICK, "--engines", "fused", "--out", str(tmp_path / "new"), *flags])


def test_a_slow_down_over_the_threshold_is_exit_code_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert timed(tmp_path, "--devices", "cpu") == 0
    content = json.loads((tmp_path / "new" / "timing-benchmark.json").read_text())
    names = [row["name"] for row in content["benchmarks"]]
    assert names == ["fused-ce-cpu", "prediction-fused-ce-cpu-1", "prediction-fused-ce-cpu-10000", "floor-dense-adam"]
    old = tmp_path / "old.json"
    for row in content["benchmarks"]:
        row["stats"]["median"] = 1e-9 if row["name"] == "fused-ce-cpu" else 1e9
    old.write_text(json.dumps({"benchmarks": content["benchmarks"][:3]}))
    capsys.readouterr()
    assert timed(tmp_path, "--compare", str(old)) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" takes ")[0] for line in lines if line.startswith("slower")] == ["slower: fused-ce-cpu"]
    assert lines[-1] == f"compared 3 measurements with '{old}': 1 slower; 1 are not compared"
    assert timed(tmp_path, "--compare", str(old), "--threshold", "1e12") == 0


def changed(tmp_path: Path, **change: object) -> Path:
    """The timing.json of a run, its top level changed, with every median a thousandth of what it was."""
    content = json.loads((tmp_path / "new" / "timing.json").read_text())
    for name, value in change.items():
        content[name] = {**content[name], **value} if isinstance(value, dict) else value
    (tmp_path / "old.json").write_text(json.dumps(content))
    return tmp_path / "old.json"


def test_a_file_of_other_work_is_refused_with_the_difference(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert timed(tmp_path, "--devices", "cpu") == 0
    for change, message in [
        ({"options": {"n_factors": 7}}, "n_factors is 7 there and 50 here"),
        ({"threads": 9}, "threads is 9 there and 1 here"),
        ({"data": {"dataset": "other", "fingerprint": "f"}}, "data is other there and synthetic-1000 here; fingerprint is f"),
    ]:
        assert timed(tmp_path, "--devices", "cpu", "--compare", str(changed(tmp_path, **change))) == 2
        assert message in capsys.readouterr().err


def test_a_file_of_another_cpu_is_compared_by_ratios_and_that_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert timed(tmp_path, "--devices", "cpu", "--rounds", "3") == 0
    content = json.loads((tmp_path / "new" / "timing.json").read_text())
    assert len(content["fits"][0]["seconds_per_epoch"]["rounds"]) == 3
    old = changed(tmp_path, environment={"cpu": "Another"})
    capsys.readouterr()
    assert timed(tmp_path, "--devices", "cpu", "--compare", str(old), "--threshold", "1000") == 0
    out = capsys.readouterr().out
    assert "the CPU was Another and is" in out
    assert "compared as ratios to the row of fastai, or else of the floor, in each file" in out
    assert out.splitlines()[-1] == f"compared 3 measurements with '{old}': 0 slower; 1 are not compared"
    assert timed(tmp_path, "--devices", "cpu", "--compare", str(changed(tmp_path, environment={"cpu": "A"}, floor=None))) == 2
    assert "share no row of fastai or the floor" in capsys.readouterr().err


def test_growth_writes_its_table_and_curve(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_cli(["time", "--growth", "--quick", "--out", str(tmp_path)]) == 0
    content = json.loads((tmp_path / "growth.json").read_text())
    assert [row["n"] for row in content["growth"]] == [2_000, 4_000]
    assert "bytes a rating" in capsys.readouterr().out
    assert (tmp_path / "growth.png").exists()
    assert run_cli(["time", "--growth", "--quick", "--sizes", "x", "--out", str(tmp_path)]) == 2


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--threshold", "0.5"], "--threshold 0.5 came; it is a ratio of new to old, 1 or above"),
        (["--threads", "0"], "--threads 0 came; it is a count, 1 or above"),
        (["--compare", "none.json"], "there is no file 'none.json'"),
        (["--engines", "fuse"], "unknown engine 'fuse' (did you mean 'fused'?)"),
        (["--variants", "constant"], "'constant' is no network"),
        (["--variants", ","], "--variants came empty"),
        (["--rounds", "0"], "--rounds 0"),
        (["--epochs", "0"], "epochs 0 came"),
    ],
)
def test_bad_flags_are_one_sentence_and_exit_code_2(
    tmp_path: Path, flags: list[str], message: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run_cli(["time", "--dataset", "synthetic-1000", "--engines", "fused", *flags]) == 2
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith("bench: ")
    assert message in error
    assert not Path("reports").exists()
