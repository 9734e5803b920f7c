"""What of a tuned study is compared: the chosen settings with new seeds, each variant under its own name; never the search."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from bench.plan.plan import BASELINES
from bench.study.record import Record
from bench.study.study import Study
from bench.tuning.entry import KEY
from bench.tuning.history import History, histories_of

SomeStudy = TypeVar("SomeStudy", bound=Study)


def compared(study: SomeStudy) -> SomeStudy:
    """The part of a study that is compared: all of it, but of a tuned one what ``judged_part`` keeps."""
    histories = histories_of(study)
    return judged_part(study, histories) if histories else study


def judged_part(study: SomeStudy, histories: Sequence[History]) -> SomeStudy:
    """The study without the trials of searches and of defaults: the chosen settings, baselines, and every other plan's trials.

    A variant that another plan trains too, or that is the baseline of another search, has its chosen setting under the name
    ``VARIANT, tuned``. A trial that both asked for has a record under each name, of one id.
    """
    others = {one for plan in study.plans if KEY not in plan["plan"] for one in plan["trial_ids"]}
    outdated = _outdated_baselines(study)
    baselines = {one for history in histories for one in history.baselines} - outdated
    elsewhere = {record.trial.variant for record in study.records if record.trial_id in others | baselines}
    names: dict[str, str] = {}
    for history in histories:
        alone = history.variant not in elsewhere or baselines.issuperset(history.judged)
        names |= dict.fromkeys(history.judged, history.variant if alone else f"{history.variant}, tuned")
    standing = others - outdated | baselines
    left_out = {one for plan in study.plans if KEY in plan["plan"] for one in plan["trial_ids"]} - others | outdated
    records = []
    for record in study.records:
        name = names.get(record.trial_id)
        stands = record.trial_id in standing or (name is None and record.trial_id not in left_out)
        if stands:
            records.append(record)
        if name is not None and not (stands and name == record.trial.variant):
            records.append(_named(record, name))
    return _study(study, records, names.values())


def _outdated_baselines(study: Study) -> set[str]:
    """Trials of baselines that a later plan asked for again, as of other code."""
    trials = {one.trial_id: one.trial for one in study.records if one.trial.variant in BASELINES}
    asked = [one for plan in study.plans for one in plan["trial_ids"] if one in trials]
    last = {replace(trials[one], code="", trial_id=""): one for one in asked}
    return set(asked) - set(last.values())


def against_defaults(study: SomeStudy, history: History) -> SomeStudy:
    """One variant's chosen setting beside its defaults, under the names ``VARIANT`` and ``VARIANT, defaults``.

    Where the defaults were chosen they are the same trials, and the study has one configuration.
    """
    name, defaults = history.variant, f"{history.variant}, defaults"
    of_defaults = set(history.of_defaults) - set(history.judged)
    records = [_named(one, name) for one in study.records if one.trial_id in history.judged]
    records += [_named(one, defaults) for one in study.records if one.trial_id in of_defaults]
    return _study(study, records, (name, defaults))


def _named(record: Record, name: str) -> Record:
    """The record of a variant of another name, whose options do not tell it apart from others."""
    return replace(record, trial=replace(record.trial, variant=name))


def _study(study: SomeStudy, records: list[Record], names: Any) -> SomeStudy:
    variants: dict[str, Mapping[str, str]] = dict(study.settings["variants"])
    for name in names:
        variants.setdefault(
            name, variants.get(name.rpartition(", ")[0], {"description": "", "family": "classification", "mermaid": ""})
        )
    kept = {record.trial_id for record in records}
    plans = [{**plan, "trial_ids": [one for one in plan["trial_ids"] if one in kept]} for plan in study.plans]
    return replace(study, settings={**study.settings, "variants": variants, "plans": plans}, records=tuple(records))
