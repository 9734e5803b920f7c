from dataclasses import fields, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from bench.trial import Trial
from cfce.options import SAMPLERS, TrainingOptions

names = st.text(min_size=1, max_size=12)
numbers = st.integers(0, 50)
options = st.builds(
    TrainingOptions,
    learning_rate=st.floats(1e-8, 10),
    epochs=st.integers(1, 20),
    batch_size=st.integers(1, 4096),
    weight_decay=st.floats(0, 1),
    n_factors=st.integers(1, 200),
    sampler=st.sampled_from(sorted(SAMPLERS)),
)
trials = st.builds(Trial, *[names] * 6, *[numbers] * 3, options, names)


@settings(max_examples=50, deadline=None)
@given(trials, trials)
def test_two_trials_have_one_id_exactly_when_they_are_equal(one, other):
    assert (one.trial_id == other.trial_id) == (one == other)


@settings(max_examples=25, deadline=None)
@given(trials, trials)
def test_every_field_of_a_trial_and_of_its_options_is_in_its_id(one, other):
    for field in fields(Trial):
        changed = replace(one, **{field.name: getattr(other, field.name)})
        assert (changed.trial_id == one.trial_id) == (changed == one)
    for field in fields(TrainingOptions):
        changed = replace(one, options=replace(one.options, **{field.name: getattr(other.options, field.name)}))
        assert (changed.trial_id == one.trial_id) == (changed == one)


@settings(max_examples=50, deadline=None)
@given(trials)
def test_a_trial_comes_back_from_its_json_with_its_id(trial):
    assert Trial.from_json(trial.to_json()) == trial
    assert Trial.from_json(trial.to_json()).trial_id == trial.trial_id


@settings(max_examples=50, deadline=None)
@given(trials)
def test_an_id_is_a_file_name_whatever_the_variant_is_called(trial):
    assert len(trial.trial_id) == 16
    assert set(trial.trial_id) <= set("0123456789abcdef")
