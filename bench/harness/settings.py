"""``study.json``: what a study is of, and every plan that was asked for in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.plan.plan import Plan
from bench.plan.trial import Trial
from bench.study.environment import environment
from bench.study.folder import Survey, differences
from bench.study.record import Record
from bench.variants.variant import VARIANTS
from cfce.errors import UserError
from cfce.ratings import Ratings

Settings = dict[str, Any]


@dataclass(frozen=True)
class Source:
    """Where the ratings of a run come from, so that the same can be read again."""

    path: Path | None = None
    options: Mapping[str, Any] | None = None
    """Options of the dataset."""


def settings_of(plan: Plan, ratings: Ratings, trials: Sequence[Trial], name: str, source: Source, command: str) -> Settings:
    """The settings of a study that this plan begins."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    devices = tuple(dict.fromkeys(trial.device for trial in trials))
    return {
        "name": name,
        "created": now,
        "data": {
            "dataset": ratings.name,
            "fingerprint": ratings.fingerprint,
            "n_ratings": len(ratings),
            "n_users": ratings.n_users,
            "n_items": ratings.n_items,
            "n_repeated_pairs": ratings.n_repeated_pairs,
            "scale": list(ratings.scale.values),
            "path": None if source.path is None else str(source.path.resolve()),
            "options": dict(source.options or {}),
        },
        "plans": [
            {
                "command": command,
                "asked": now,
                "plan": plan.to_json(),
                "environment": environment(devices),
                "trial_ids": [trial.trial_id for trial in trials],
            }
        ],
        "variants": {share.variant: _about(share.variant) for share in plan.variants},
        "added": [],
    }


def _about(name: str) -> dict[str, str]:
    variant = VARIANTS[name]
    return {"description": variant.description, "family": variant.family, "mermaid": ""}


def refuse_other_data(path: Path, old: Settings, new: Settings) -> None:
    """``UserError`` that names the first differences between the data of a study and that of a plan for its folder."""
    # an older study does not have every count, and where a file lies does not matter
    kept = [name for name in old["data"] if name in new["data"] and name not in ("path", "options")]
    found = differences({name: old["data"][name] for name in kept}, {name: new["data"][name] for name in kept})
    if found:
        rest = f" (and {len(found) - 3} more)" if len(found) > 3 else ""
        raise UserError(
            f"'{path}' holds other data: {'; '.join(found[:3])}{rest}; "
            "pass another --out, the data of that study, or --no-resume to set its trials aside"
        )


def grown(old: Settings, new: Settings, survey: Survey, records: Mapping[str, Record]) -> Settings:
    """The settings of a study that grows by a plan: all plans that there were, and what was added from outside.

    Trials that others took the place of leave their plans. ``records`` are those of added predictions, of which a torn
    ``study.json`` no longer tells.
    """
    plans = []
    (asked,) = new["plans"]
    for plan in old["plans"]:
        ids = [survey.superseded.get(trial_id, trial_id) for trial_id in plan["trial_ids"]]
        if plan["plan"] != asked["plan"]:
            plans.append({**plan, "trial_ids": [trial_id for trial_id in dict.fromkeys(ids) if trial_id]})
    plans = [plan for plan in plans if plan["trial_ids"]]
    added = list(dict.fromkeys([*old.get("added", []), *survey.added]))
    variants = {**old["variants"], **{name: _kept_diagram(old, name, about) for name, about in new["variants"].items()}}
    for record in records.values():
        unknown = {"description": "predictions of another model, added", "family": "classification", "mermaid": ""}
        variants.setdefault(record.trial.variant, unknown)
    return {**old, "data": {**old["data"], **new["data"]}, "plans": [*plans, asked], "variants": variants, "added": added}


def _kept_diagram(old: Settings, name: str, about: dict[str, str]) -> dict[str, str]:
    """A variant with the diagram that it had, where it is described as it was."""
    before = old["variants"].get(name, {})
    same = {key: before.get(key) for key in ("description", "family")} == {key: about[key] for key in ("description", "family")}
    return {**about, "mermaid": before.get("mermaid", "")} if same else about
