"""What is compared with nothing else between: one engine, one device, one sampler, the options that both could have."""

from types import SimpleNamespace

import pytest

from bench.comparison.alike import alike, between_families
from bench.comparison.configurations import Configuration

FAMILY = {"ce": "classification", "regression": "regression", "gibbs": "ordinal", "bias": "baseline"}


def made(variant, engine="fused", device="cpu", **options):
    trial = SimpleNamespace(engine=engine, device=device, options=options)
    return Configuration(f"{variant} {engine} {device}", variant, FAMILY[variant], "any", {0.1: (SimpleNamespace(trial=trial),)})


CE, REGRESSION = made("ce"), made("regression")
CE_CUDA, REGRESSION_CUDA = made("ce", "torch", "cuda"), made("regression", "torch", "cuda")


@pytest.mark.parametrize(
    ("a", "b", "same"), [(CE, REGRESSION, True), (CE_CUDA, REGRESSION_CUDA, True), (CE, REGRESSION_CUDA, False)]
)
def test_where_both_were_trained_on_both_devices_they_are_compared_on_one(a, b, same):
    assert alike(a, b, (CE, REGRESSION, CE_CUDA, REGRESSION_CUDA)) is same


def test_one_side_with_two_devices_is_compared_on_that_of_the_other():
    among = (CE, CE_CUDA, REGRESSION)
    assert alike(CE, REGRESSION, among)
    assert not alike(CE_CUDA, REGRESSION, among)


def test_a_difference_that_no_other_configuration_mends_belongs_to_the_variants():
    own = made("gibbs", "gibbs", draws=300)
    assert alike(own, CE, (own, CE, REGRESSION))
    assert not alike(own, CE_CUDA, (own, CE, CE_CUDA)), "ce on the CPU, where the other is, would be closer"


def test_options_that_both_have_are_the_same():
    small, large = made("ce", sampler="permutation", n_factors=10), made("ce", sampler="permutation", n_factors=50)
    other = made("regression", sampler="permutation", n_factors=50)
    assert alike(large, other, (small, large, other))
    assert not alike(small, other, (small, large, other))


def test_baselines_and_members_of_one_family_are_not_between_families():
    bias = made("bias")
    assert between_families(CE, REGRESSION, (CE, REGRESSION, bias))
    assert not between_families(CE, bias, (CE, bias))
    assert not between_families(CE, CE_CUDA, (CE, CE_CUDA))
