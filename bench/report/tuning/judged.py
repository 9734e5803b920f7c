"""What of a tuned study is compared: the chosen settings with new seeds, each variant under its own name; never the search."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bench.study.record import Record
from bench.study.study import Study
from bench.tuning.entry import KEY
from bench.tuning.history import History


def judged_part(study: Study, histories: Sequence[History]) -> Study:
    """The study without the trials of searches and of defaults: the chosen settings, baselines, and every other plan's trials.

    A variant that another plan trains too has its chosen setting under the name ``VARIANT, tuned``.
    """
    others = {one for plan in study.plans if KEY not in plan["plan"] for one in plan["trial_ids"]}
    elsewhere = {record.trial.variant for record in study.records if record.trial_id in others}
    names = {
        one: f"{history.variant}, tuned" if history.variant in elsewhere else history.variant
        for history in histories
        for one in history.judged
    }
    kept = set(names) | {one for history in histories for one in history.baselines}
    of_tunings = {one for plan in study.plans if KEY in plan["plan"] for one in plan["trial_ids"]} - others
    records = []
    for record in study.records:
        if record.trial_id in names:
            records.append(_named(record, names[record.trial_id]))
        elif record.trial_id in kept or record.trial_id not in of_tunings:
            records.append(record)
    return _study(study, records, names.values())


def against_defaults(study: Study, history: History) -> Study:
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


def _study(study: Study, records: list[Record], names: Any) -> Study:
    variants: dict[str, Mapping[str, str]] = dict(study.settings["variants"])
    for name in names:
        variants.setdefault(
            name, variants.get(name.rpartition(", ")[0], {"description": "", "family": "classification", "mermaid": ""})
        )
    kept = {record.trial_id for record in records}
    plans = [{**plan, "trial_ids": [one for one in plan["trial_ids"] if one in kept]} for plan in study.plans]
    return type(study)(study.path, {**study.settings, "variants": variants, "plans": plans}, tuple(records))
