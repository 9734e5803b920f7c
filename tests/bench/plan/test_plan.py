from collections import Counter
from dataclasses import fields, replace

import pytest

from bench.plan.plan import Flags, make_plan, variant_names
from bench.variants.plugins import load_parts
from bench.variants.variant import VARIANTS, register_variant
from cfce.errors import UserError
from cfce.models.dot_product_bias import dot_product_bias


def devices(monkeypatch, here):
    for place in ("bench.plan.plan", "cfce.engines.devices"):
        monkeypatch.setattr(f"{place}.available_devices", lambda: here)


@pytest.fixture(autouse=True)
def _variants(monkeypatch):
    load_parts()
    devices(monkeypatch, ["cpu"])


def flags_of(**given):
    """Flags, options by their own names among them."""
    own = {field.name for field in fields(Flags)}
    options = {name: value if isinstance(value, tuple) else (value,) for name, value in given.items() if name not in own}
    return Flags(**{name: value for name, value in given.items() if name in own}, options=options)


def trials(**flags):
    return make_plan(flags_of(**flags)).trials("data", "f" * 64)


def test_the_default_plan_is_three_variants_by_six_rates_by_five_seeds_and_two_baselines_a_split():
    plan = trials()
    assert Counter(trial.variant for trial in plan) == {"regression": 30, "ce-sigmoid": 30, "ce": 30, "constant": 5, "bias": 5}
    trained = [trial for trial in plan if trial.engine != "baseline"]
    assert {trial.learning_rate for trial in trained} == {1e-3, 2e-3, 5e-3, 1e-2, 3e-2, 0.1}
    assert {(trial.split, trial.seed, trial.order) for trial in plan} == {(n, n, n) for n in range(5)}
    assert {trial.options["epochs"] for trial in trained} == {5}
    assert {(trial.engine, trial.device) for trial in trained} == {("fused", "cpu")}


def test_the_blog_plan_has_its_rates_both_samplers_and_twenty_seeds():
    plan = trials(preset="blog")
    grid = Counter((t.variant, t.learning_rate, t.options["sampler"]) for t in plan if t.engine != "baseline")
    cells = [("regression", 5e-3), ("ce-sigmoid", 5e-3), ("ce", 5e-3), ("ce", 0.1)]
    assert grid == {(*cell, sampler): 20 for cell in cells for sampler in ("bootstrap", "permutation")}
    assert {trial.protocol for trial in plan} == {"random-80-20"}


def test_every_trial_of_a_plan_has_an_id_of_its_own():
    plan = trials(preset="blog")
    assert len({trial.trial_id for trial in plan}) == len(plan)


def test_crossed_splits_give_baselines_once_a_split_and_the_rest_once_a_split_and_seed():
    plan = trials(splits=3, seeds=2, crossed=True, variants=("ce",), learning_rate=(0.1,))
    assert Counter(trial.variant for trial in plan) == {"ce": 6, "constant": 3, "bias": 3}


def test_splits_have_fresh_seeds_that_more_seeds_and_more_splits_do_not_change():
    def drawn(**flags):
        plan = trials(variants=("ce",), learning_rate=(0.1,), **flags)
        return {(trial.split, trial.seed) for trial in plan if trial.variant == "ce"}

    few = drawn(splits=3, seeds=2)
    assert len({seed for _, seed in few}) == 6
    assert few < drawn(splits=3, seeds=4)
    assert few < drawn(splits=5, seeds=2)
    assert drawn(seeds=3) < few, "the first seed of a split is that of the default design"


def test_a_plan_asks_for_no_more_folds_than_there_are_and_one_fold_is_one_split():
    with pytest.raises(UserError, match="asks for 9 folds, but the protocol 'kfold-5' has 5; use --splits 5 with --seeds"):
        trials(protocol="kfold-5", seeds=9)
    plan = trials(protocol="temporal-80-10-10", seeds=3, variants=("ce",), learning_rate=(0.1,))
    assert {(trial.split, trial.seed) for trial in plan if trial.variant == "ce"} == {(0, 0), (0, 10_000), (0, 20_000)}


def test_an_option_of_any_estimator_is_crossed_and_an_unknown_one_suggests():
    plan = trials(rounds=(5, "10"), seeds=1)
    assert sorted(t.options["rounds"] for t in plan if t.variant == "bias") == [5, 10]
    with pytest.raises(UserError, match=r"unknown option 'round' \(did you mean 'rounds'\?\)"):
        trials(round=(5,))


def test_an_option_of_other_variants_alone_names_one_that_has_it():
    with pytest.raises(UserError, match=r"^the option 'epochs' came, and none of bias, constant has it; .* such as regression$"):
        trials(variants=("bias", "constant"), epochs=(5,))


def test_groups_of_variants_stand_for_their_members():
    networks = ("cumulative-logit", "cumulative-probit", "ordrec", "rps", "corn", "cumulative-logit-implicit", "ordrec-implicit")
    ordinal = (*networks, "bayes-ordinal")
    assert variant_names(["ordinal", "ce"]) == (*ordinal, "ce")
    assert {"regression", "collab-nn", "bias"} <= set(variant_names(["all"]))
    assert variant_names(["all-regression"])[0] == "regression", "the name of a variant too, so the family has one of its own"
    assert "regression-linear" in variant_names(["all-regression"])
    assert "bias" not in variant_names(["all-networks"])
    with pytest.raises(
        UserError, match=r"unknown variant 'all-netwrks' \(did you mean 'all-networks'\?\); allowed: all, all-baseline, all-cl"
    ):
        variant_names(["all-netwrks"])


def test_crossed_orders_share_split_and_weights():
    plan = trials(splits=1, seeds=2, orders=3, crossed=True, variants=("ce",), learning_rate=(0.1,))
    drawn = {(trial.split, trial.seed, trial.order) for trial in plan if trial.variant == "ce"}
    assert drawn == {(0, seed, order) for seed in range(2) for order in range(3)}


def test_a_flag_beats_the_variant_and_the_variant_beats_the_preset():
    register_variant(
        "tuned",
        "",
        objective="squared-error",
        defaults={"learning_rate": 0.02, "epochs": 2, "n_factors": 7, "sampler": "bootstrap"},
    )(dot_product_bias)
    try:
        (own,) = {trial.options for trial in trials(variants=("tuned",)) if trial.variant == "tuned"}
        assert (own["learning_rate"], own["epochs"], own["n_factors"], own["sampler"]) == (0.02, 2, 7, "bootstrap")
        assert own["batch_size"] == 64
        flags = {"learning_rate": (0.5,), "epochs": 3, "n_factors": 9, "sampler": ("permutation",)}
        (said,) = {trial.options for trial in trials(variants=("tuned",), **flags) if trial.variant == "tuned"}
        assert (said["learning_rate"], said["epochs"], said["n_factors"], said["sampler"]) == (0.5, 3, 9, "permutation")
    finally:
        VARIANTS.forget("tuned")


def test_baselines_do_not_change_with_flags_that_only_training_knows():
    one = {t.trial_id for t in trials(epochs=1, seeds=1) if t.engine == "baseline"}
    other = {t.trial_id for t in trials(epochs=9, seeds=1, sampler=("bootstrap",)) if t.engine == "baseline"}
    assert one == other


def test_a_device_that_is_there_doubles_the_plan_but_not_the_baselines(monkeypatch):
    devices(monkeypatch, ["cpu", "cuda"])
    plan = trials(seeds=1, learning_rate=(0.1,))
    assert Counter((t.engine, t.device) for t in plan) == {("fused", "cpu"): 3, ("torch", "cuda"): 3, ("baseline", "cpu"): 2}
    assert {t.device for t in trials(seeds=1, engine="fused")} == {"cpu"}


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        ({"variants": ("regresion",)}, "unknown variant 'regresion' (did you mean 'regression'?); allowed:"),
        ({"protocol": "random-80-21"}, "unknown protocol 'random-80-21' (did you mean 'random-80-20'?)"),
        ({"preset": "blogs"}, "unknown preset 'blogs' (did you mean 'blog'?); allowed: blog, default, quick"),
        ({"sampler": ("bootstap",)}, "unknown sampler 'bootstap' (did you mean 'bootstrap'?)"),
        ({"engine": "fusd"}, "unknown engine 'fusd' (did you mean 'fused'?); allowed: fastai, fused, torch"),
        ({"engine": "baseline"}, "unknown engine 'baseline'"),
        ({"devices": ("cude",)}, "unknown device 'cude' (did you mean 'cuda'?); allowed: cpu, cuda"),
        ({"devices": ("cuda",)}, "device 'cuda' came, but no CUDA device was found here; use --devices cpu"),
        ({"learning_rate": (0.0,)}, "learning rate 0 came; a learning rate is a finite number above 0"),
        ({"learning_rate": (-1.0,)}, "learning rate -1 came"),
        ({"learning_rate": (float("nan"),)}, "learning rate nan came"),
        ({"learning_rate": (float("inf"),)}, "learning rate inf came"),
        ({"learning_rate": ()}, "learning rate came empty"),
        ({"variants": ()}, "--variants came empty"),
        ({"seeds": 0}, "--seeds 0 came; it is a count, 1 or above"),
        ({"splits": -1}, "--splits -1 came"),
        ({"epochs": 0}, "epochs 0 came; it is a whole number, 1 or above"),
        ({"batch_size": 0}, "batch size 0 came"),
        ({"n_factors": -3}, "n factors -3 came"),
        ({"weight_decay": -0.1}, "weight decay -0.1 came"),
    ],
)
def test_bad_flags_get_one_sentence(flags, sentence):
    with pytest.raises(UserError) as error:
        make_plan(flags_of(**flags))
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)


def test_the_fused_engine_refuses_a_module_that_it_does_not_know():
    register_variant("own-module", "", objective="squared-error")(lambda sizes: dot_product_bias(sizes))
    try:
        with pytest.raises(UserError, match=r"variant 'own-module': engine 'fused' cannot train .* use --engine fastai or torch"):
            make_plan(Flags(variants=("own-module",), engine="fused"))
        assert {t.engine for t in trials(variants=("own-module",), seeds=1)} == {"torch", "baseline"}
    finally:
        VARIANTS.forget("own-module")


def test_the_fused_engine_refuses_cuda(monkeypatch):
    devices(monkeypatch, ["cpu", "cuda"])
    with pytest.raises(UserError, match=r"engine 'fused' cannot train .*: it trains on cpu, not on cuda; use --engine"):
        make_plan(Flags(engine="fused", devices=("cuda",)))


@pytest.mark.parametrize("engine", [None, "torch"])
def test_what_no_engine_trains_is_told_with_its_scorer_every_reason_and_the_option_to_change(engine):
    with pytest.raises(UserError) as error:
        make_plan(Flags(variants=("ordrec-implicit",), options={"optimizer": ("sgd",)}, engine=engine))
    assert str(error.value) == (
        "variant 'ordrec-implicit': no engine can train the scorer 'dot_product_bias_implicit' with the objective 'ordrec' "
        "on cpu (fastai: it trains by adam, not by sgd; torch: it trains by adam, not by sgd; "
        "fused: it trains implicit feedback by adam, not by sgd); use the optimizer 'adam'"
    )
    make_plan(Flags(variants=("ordrec-implicit",), options={"optimizer": ("adam",)}, engine=engine))  # the advice helps


def test_what_a_plan_declares_is_kept_with_it_and_changes_no_trial():
    flags = Flags(devices=("cpu",))
    plain, declared = make_plan(flags), make_plan(replace(flags, primary="ce,regression:nll", reference="ce"))
    assert {**plain.to_json(), "primary": "ce,regression:nll", "reference": "ce"} == declared.to_json()
    assert plain.trials("d", "f") == declared.trials("d", "f")
    with pytest.raises(UserError, match=r"unknown variant 'svd'"):
        make_plan(replace(flags, primary="ce,svd:nll"))
    with pytest.raises(UserError, match=r"--primary ce came; it is A,B:SCORE"):
        make_plan(replace(flags, primary="ce"))
