"""Ratios follow from the medians, and every file of a result says the same."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from pytest_benchmark.cli import main
from pytest_benchmark.stats import Stats

from bench.timing.benchmark_json import benchmark_json, medians
from bench.timing.measure import write_timing
from bench.timing.result import TimingResult
from bench.timing.slowdown import read_timings
from bench.timing.table import timing_markdown
from cfce.errors import UserError


def test_ratios_are_those_of_the_medians(result: TimingResult) -> None:
    assert [result.times_faster(fit) for fit in result.fits] == pytest.approx([1, 5, 20, 10 / 0.15])
    assert [result.times_floor(fit) for fit in result.fits] == [None, None, None, pytest.approx(1.5)]
    assert result.fits[1].ratings_per_second == 40_000


def test_without_the_reference_there_is_no_ratio(result: TimingResult) -> None:
    alone = replace(result, fits=result.fits[1:], floor=None)
    assert alone.times_faster(alone.fits[0]) is None
    assert alone.times_floor(alone.fits[-1]) is None


def test_json_gives_the_result_back(result: TimingResult) -> None:
    text = json.dumps(result.to_json())
    assert TimingResult.from_json(json.loads(text)) == result
    assert json.loads(text)["fits"][3]["times_faster_than_fastai"] == pytest.approx(66.7, abs=0.1)


def test_the_table_says_medians_quartiles_ratios_and_machine(result: TimingResult) -> None:
    text = timing_markdown(result)
    assert "| torch | cpu | ce | 8 | 500 ms | 475 ms – 550 ms | 3 | 160,000 | 20.0 × | - |" in text
    assert "| fused | cpu | ce | 1 | 150 ms | 142 ms – 165 ms | 3 | 533,333 | 66.7 × | 1.50 × |" in text
    assert "| torch, fastai | cpu | ce | 10,000 | 30 ms | 25 ms – 35 ms | 333,333 |" in text
    assert "Some CPU (2 cores), Python 3.11.7, torch 2.10" in text
    assert "1,250 bare dense Adam updates of 133,059 parameters: 100 ms (100 ms – 150 ms)" in text
    assert "No CUDA device was found on this machine" in text


def test_pytest_benchmark_reads_and_compares_our_json(
    result: TimingResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_timing(result, tmp_path)
    slower = replace(result, fits=(*result.fits[:3], replace(result.fits[3], seconds=result.fits[0].seconds)))
    write_timing(slower, tmp_path / "later")
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setattr(
        "sys.argv",
        ["pytest-benchmark", "compare", "--columns=median,iqr,rounds", *_benchmark_files(tmp_path)],
    )
    main()
    shown = capsys.readouterr().out
    assert "fused-ce-cpu" in shown
    assert "150.0000" in shown
    assert "floor-dense-adam" in shown


def _benchmark_files(folder: Path) -> list[str]:
    return [str(folder / "timing-benchmark.json"), str(folder / "later" / "timing-benchmark.json")]


def test_our_statistics_are_those_that_pytest_benchmark_computes(result: TimingResult) -> None:
    """Quartiles are left out: there its definition is another than numpy's."""
    for row in benchmark_json(result)["benchmarks"]:
        model = Stats()
        for seconds in row["stats"]["data"]:
            model.update(seconds)
        assert row["stats"].keys() == {*model.as_dict(), "iterations", "data"}
        for field in ("min", "max", "mean", "stddev", "rounds", "median", "stddev_outliers", "total", "ops"):
            assert row["stats"][field] == pytest.approx(getattr(model, field)), field


def test_medians_are_the_same_from_either_file(result: TimingResult, tmp_path: Path) -> None:
    write_timing(result, tmp_path)
    one, other = (read_timings(tmp_path / name)[0] for name in ("timing.json", "timing-benchmark.json"))
    assert one == pytest.approx(other)
    assert one["fused-ce-cpu"] == 0.15
    assert medians(result.to_json()) == one


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "there is no file '.*'; pass the timing.json of an earlier"),
        (b"{", "holds no timings"),
        (b"[]", "holds no timings"),
        (b'{"a": 1}', "holds no timings"),
        (b'{"benchmarks": [{"name": "a", "stats": {"median": 0}}]}', "a median that is no number of seconds above 0"),
        (b'{"benchmarks": [{"name": "a", "stats": {"median": Infinity}}]}', "a median that is no number of seconds above 0"),
        (b"[" * 100_000, "holds no timings"),
    ],
)
def test_a_file_without_timings_is_refused(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "old.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match=message):
        read_timings(path)


def test_a_folder_that_cannot_be_written_is_said(result: TimingResult, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"timings cannot be written to .*; choose another --out"):
        write_timing(result, tmp_path / "file" / "folder")
