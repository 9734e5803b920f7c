"""What is timed follows from what the engines can train."""

import pytest

from bench.timing.cases import Case, cases_of
from cfce.errors import UserError


def devices(monkeypatch: pytest.MonkeyPatch, here: list[str]) -> None:
    for place in ("bench.timing.cases", "cfce.engines.devices"):
        monkeypatch.setattr(f"{place}.available_devices", lambda: here)


def test_every_engine_that_can_is_timed_and_torch_with_a_batch_too() -> None:
    assert [case.name for case in cases_of(None, ["regression"], ["cpu"])] == [
        "fastai-regression-cpu",
        "torch-regression-cpu",
        "torch-regression-cpu-stacked-8",
        "fused-regression-cpu",
    ]


def test_the_trials_of_a_batch_differ_in_their_seed(fold) -> None:  # type: ignore[no-untyped-def]
    from cfce.options import TrainingOptions

    tasks = Case("torch", "ce", "cpu", 3).tasks(fold, TrainingOptions())
    assert [(task.seed, task.order) for task in tasks] == [(0, 0), (1, 1), (2, 2)]


@pytest.mark.parametrize(
    ("engines", "variants", "devices", "message"),
    [
        (["fuse"], ["ce"], None, r"unknown engine 'fuse' \(did you mean 'fused'\?\); allowed: fastai, fused, torch"),
        (None, ["cee"], None, r"unknown variant 'cee' \(did you mean 'ce'\?\)"),
        (None, ["nope"], None, r"allowed: (?!.*\b(constant|bias|surprise-svd|bayes-ordinal)\b).*ce, .*regression"),
        (None, ["bias"], None, "'bias' is no network, so it has no epoch to time"),
        (None, ["ce"], ["tpu"], "unknown device 'tpu'"),
    ],
)
def test_what_cannot_be_timed_is_refused(engines, variants, devices, message) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UserError, match=message):
        cases_of(engines, variants, devices)


def test_cuda_without_a_cuda_device_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    devices(monkeypatch, ["cpu"])
    with pytest.raises(UserError, match="device 'cuda' came, but no CUDA device was found here; use --devices cpu"):
        cases_of(None, ["ce"], ["cuda"])


def test_on_cuda_the_fused_engine_is_left_out_and_alone_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    devices(monkeypatch, ["cpu", "cuda"])
    names = [case.name for case in cases_of(None, ["ce"], None)]
    assert "fused-ce-cpu" in names
    assert "torch-ce-cuda-stacked-8" in names
    assert "fused-ce-cuda" not in names
    with pytest.raises(UserError, match="engine 'fused' trains none of ce on cuda; leave it out"):
        cases_of(["fused"], ["ce"], ["cuda"])
