"""How a study keeps a tuning: an entry for each variant among its plans, with its settings in the order of the search."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.tuning.search import Setting
from bench.tuning.space import Space
from bench.tuning.terms import Terms

KEY = "tuning"
"""The key of a plan that is a tuning."""


@dataclass(frozen=True, eq=False)
class Entry:
    """The tuning of one variant; trials by their ids."""

    variant: str
    terms: Terms
    space: Space
    settings: Sequence[Setting]
    chosen: int | None
    """The number of the chosen setting; None where every one was lost."""
    judged: tuple[str, ...]
    """The trials of the chosen setting with new seeds."""
    of_defaults: tuple[str, ...]
    """Those of the defaults with the same new seeds."""
    baselines: tuple[str, ...]
    declared: Mapping[str, str]
    """``primary`` and ``reference`` as text, where they were declared."""

    @property
    def searched(self) -> list[str]:
        """The trials of the search itself."""
        return [setting.trials[split].trial_id for setting in self.settings for split in sorted(setting.losses)]

    @property
    def trial_ids(self) -> list[str]:
        """Every trial, those of the search first."""
        return list(dict.fromkeys([*self.searched, *self.judged, *self.of_defaults, *self.baselines]))

    def to_json(self) -> dict[str, Any]:
        """The plan, as ``study.json`` keeps it."""
        tuning = {
            **self._identity,
            "budget": self.terms.budget,
            "seconds": self.terms.seconds,
            "seeds": self.terms.seeds,
            "defaults": dict(self.space.defaults),
            "settings": [self._setting(one) for one in self.settings],
            "chosen": self.chosen,
            "judged": list(self.judged),
            "of_defaults": list(self.of_defaults),
            "baselines": list(self.baselines),
        }
        of_plan = {"protocol": self.terms.protocol, "splits": self.terms.splits, "seeds": self.terms.seeds}
        return {**of_plan, **self.declared, KEY: tuning}

    def replaces(self, plan: Mapping[str, Any]) -> bool:
        """Whether a plan of the study is this search with another budget."""
        other = plan["plan"].get(KEY)
        if other is None or other.get("defaults") != dict(self.space.defaults):
            return False
        return all(other.get(name) == value for name, value in self._identity.items())

    @property
    def _identity(self) -> dict[str, Any]:
        """What makes two searches one search that grew."""
        return {"variant": self.variant, **self.terms.search, "space": self.space.to_json()}

    def _setting(self, one: Setting) -> dict[str, Any]:
        splits = sorted(one.losses)
        scores = [self.terms.loss(one.losses[split]) if math.isfinite(one.losses[split]) else None for split in splits]
        return {
            "options": {name: value for name, value in one.options.items() if value != self.space.defaults[name]},
            "state": one.state,
            "scores": scores,
            "seconds": one.seconds,
            "trial_ids": [one.trials[split].trial_id for split in splits],
        }


def entries_of(settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The plans of a study's settings that are tunings."""
    return [plan for plan in settings["plans"] if KEY in plan["plan"]]


def with_successors(plan: dict[str, Any], superseded: Mapping[str, str]) -> dict[str, Any] | None:
    """A plan of a study with the trials that took the place of others, or without those that have no successor (``''``).

    None for a search that lost trials of its own: its choice rests on what is no longer there.

    >>> with_successors({"plan": {}, "trial_ids": ["a", "b", "c"]}, {"a": "d", "b": ""})
    {'plan': {}, 'trial_ids': ['d', 'c']}
    """

    def now(trial_ids: Sequence[str]) -> list[str]:
        return [one for one in dict.fromkeys(superseded.get(each, each) for each in trial_ids) if one]

    found = {**plan, "trial_ids": now(plan["trial_ids"])}
    search = plan["plan"].get(KEY)
    if search is None:
        return found
    if not _own_trials(search).isdisjoint(superseded):
        return None
    return {**found, "plan": {**plan["plan"], KEY: {**search, "baselines": now(search["baselines"])}}}


def lost_searches(plans: Sequence[Mapping[str, Any]], superseded: Mapping[str, str], again: Collection[str] = ()) -> list[str]:
    """A line for each variant whose search is gone from plans, as trials of its own are; none for those searched ``again``."""
    searches = [plan["plan"][KEY] for plan in plans if KEY in plan["plan"]]
    lost = dict.fromkeys(one["variant"] for one in searches if not _own_trials(one).isdisjoint(superseded))
    return [
        f"the search of '{name}' was of trials that were set aside and is gone; 'bench tune' searches it again"
        for name in lost
        if name not in again
    ]


def _own_trials(search: Mapping[str, Any]) -> set[str]:
    """All but those of baselines."""
    searched = [one for setting in search["settings"] for one in setting["trial_ids"]]
    return {*searched, *search["judged"], *search["of_defaults"]}
