from dataclasses import fields, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from bench.plan.trial import Trial
from cfce.options import Option, OptionValues

names = st.text(min_size=1, max_size=12)
numbers = st.integers(0, 50)
OPTIONS = {"learning_rate": Option("learning_rate", float, 5e-3), "epochs": Option("epochs", int, 5)}
options = st.builds(
    lambda rate, epochs: OptionValues({"learning_rate": rate, "epochs": epochs}), st.floats(1e-8, 10), st.integers(1, 20)
)
trials = st.builds(lambda *content: Trial(*content).identified(OPTIONS), *[names] * 6, *[numbers] * 3, options, names)


@settings(max_examples=50, deadline=None)
@given(trials, trials)
def test_two_trials_have_one_id_exactly_when_they_are_equal(one, other):
    assert (one.trial_id == other.trial_id) == (one == other)


@settings(max_examples=25, deadline=None)
@given(trials, trials)
def test_every_field_of_a_trial_and_of_its_options_is_in_its_id(one, other):
    for field in fields(Trial):
        if field.name != "trial_id":
            changed = replace(one, **{field.name: getattr(other, field.name)}).identified(OPTIONS)
            assert (changed.trial_id == one.trial_id) == (changed == one)
    for name in OPTIONS:
        changed = replace(one, options=one.options.replaced(**{name: other.options[name]})).identified(OPTIONS)
        assert (changed.trial_id == one.trial_id) == (changed == one)


@settings(max_examples=25, deadline=None)
@given(trials)
def test_an_option_that_is_added_later_at_its_default_changes_no_id(trial):
    more = {**OPTIONS, "momentum": Option("momentum", float, 0.9)}
    at_default = replace(trial, options=trial.options.replaced(momentum=0.9)).identified(more)
    assert at_default.trial_id == trial.trial_id
    assert replace(trial, options=trial.options.replaced(momentum=0.8)).identified(more).trial_id != trial.trial_id


@settings(max_examples=50, deadline=None)
@given(trials)
def test_a_trial_comes_back_from_its_json_with_its_stored_id(trial):
    back = Trial.from_json(trial.to_json(), trial.trial_id)
    assert (back, back.trial_id) == (trial, trial.trial_id)
    assert Trial.from_json(trial.to_json(), "as stored").trial_id == "as stored"


@settings(max_examples=50, deadline=None)
@given(trials)
def test_an_id_is_a_file_name_whatever_the_variant_is_called(trial):
    assert len(trial.trial_id) == 16
    assert set(trial.trial_id) <= set("0123456789abcdef")
