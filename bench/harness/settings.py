"""``study.json``: what a study is of, and every plan that was asked for in it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.plan.plan import Plan
from bench.plan.trial import Trial
from bench.study.environment import environment
from bench.study.folder import StudyFolder, Survey, differences
from bench.study.record import Record
from bench.tuning.entry import with_successors
from bench.variants.variant import VARIANTS
from cfce.errors import UserError
from cfce.ratings import Ratings

Settings = dict[str, Any]

LOST = "unknown: study.json was lost"
"""The command of a plan of which only trials are left."""
UNKNOWN = {"description": "a variant of an earlier plan", "family": "classification", "mermaid": ""}
"""What is told of a variant of which only trials are left."""


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
        "data": data_of(ratings, source),
        "plans": [
            {
                "command": command,
                "asked": now,
                "plan": plan.to_json(),
                "environment": environment(devices),
                "trial_ids": [trial.trial_id for trial in trials],
            }
        ],
        "variants": {share.variant: about_variant(share.variant) for share in plan.variants},
        "added": [],
    }


def data_of(ratings: Ratings, source: Source) -> Settings:
    """What ratings a study is of."""
    return {
        "dataset": ratings.name,
        "fingerprint": ratings.fingerprint,
        "n_ratings": len(ratings),
        "n_users": ratings.n_users,
        "n_items": ratings.n_items,
        "n_repeated_pairs": ratings.n_repeated_pairs,
        "scale": list(ratings.scale.values),
        "path": None if source.path is None else str(source.path.resolve()),
        "options": dict(source.options or {}),
    }


def about_variant(name: str) -> dict[str, str]:
    """What a study says of a variant; its diagram is drawn later."""
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


def without_settings(folder: StudyFolder, new: Settings, survey: Survey) -> Settings:
    """What can be told of a study whose ``study.json`` is lost: the trials that are there, a plan for each protocol.

    Raises ``UserError`` where these are of other data.
    """
    trained = survey.others
    for trial_id, record in {**trained, **survey.added}.items():
        if record.trial.data_fingerprint != new["data"]["fingerprint"]:
            raise UserError(
                f"'{folder.path}' has no study.json, and its trial {trial_id} is of other data ({record.trial.dataset}); "
                "pass another --out, or the data of that study"
            )
    asked = new["plans"][0]
    plans = [
        {
            **asked,
            "command": LOST,
            "plan": {"protocol": protocol},
            "trial_ids": [trial_id for trial_id, record in trained.items() if record.trial.protocol == protocol],
        }
        for protocol in dict.fromkeys(record.trial.protocol for record in trained.values())
    ]
    names = dict.fromkeys(record.trial.variant for record in trained.values())
    variants = {name: about_variant(name) if name in VARIANTS else {**UNKNOWN} for name in names}
    return {**new, "plans": plans, "variants": {**variants, **new["variants"]}}


def grown(old: Settings, new: Settings, survey: Survey, family_of: Callable[[Record], str]) -> Settings:
    """The settings of a study that grows by the plans of ``new``: all that there were, and what was added from outside.

    Trials that others took the place of leave their plans, a search that lost its own goes, and added ones that were set aside
    leave ``added``. ``family_of`` tells the family of those of which a lost ``study.json`` told.
    """
    asked = [plan["plan"] for plan in new["plans"]]
    kept = [with_successors(plan, survey.superseded) for plan in old["plans"] if plan["plan"] not in asked]
    plans = [plan for plan in kept if plan is not None and plan["trial_ids"]]
    known = [trial_id for trial_id in old.get("added", []) if trial_id in survey.added]
    variants = {**old["variants"], **{name: _kept_diagram(old, name, about) for name, about in new["variants"].items()}}
    for record in survey.added.values():
        if record.trial.variant not in variants:
            about = {"description": "predictions of another model, added", "family": family_of(record)}
            variants[record.trial.variant] = {**UNKNOWN, **about}
    added = list(dict.fromkeys([*known, *survey.added]))
    return {**old, "data": {**old["data"], **new["data"]}, "plans": [*plans, *new["plans"]], "variants": variants, "added": added}


def _kept_diagram(old: Settings, name: str, about: dict[str, str]) -> dict[str, str]:
    """A variant with the diagram that it had, where it is described as it was."""
    before = old["variants"].get(name, {})
    same = {key: before.get(key) for key in ("description", "family")} == {key: about[key] for key in ("description", "family")}
    return {**about, "mermaid": before.get("mermaid", "")} if same else about
