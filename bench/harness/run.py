"""One run of a plan in a study folder: what is kept, what is trained, and the report at the end."""

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from rich.console import Console

from bench.describe import mermaid
from bench.harness.pool import Pool
from bench.harness.progress import reporter
from bench.harness.shared_ratings import write_shared
from bench.harness.unit import units_of
from bench.harness.worker import Setup
from bench.plan import Plan
from bench.registry import Variant, variant_named
from bench.study.environment import environment
from bench.study.files import write_json
from bench.study.folder import StudyFolder, Survey, differences
from bench.study.lock import study_lock
from bench.study.study import Study, load_study
from bench.trial import Trial
from cfce.errors import UserError
from cfce.models.sizes import Sizes
from cfce.objectives import objective_named
from cfce.ratings import Ratings
from cfce.splits import split_ratings


@dataclass(frozen=True)
class HowToRun:
    """What changes how a plan is trained, but no result."""

    jobs: int
    stack: int | None
    """Trials a stack at most; None for as many as fit."""
    trial_timeout: float
    resume: bool = True
    plugins: tuple[Path, ...] = ()
    command: str = ""
    data: Path | None = None
    item_key: str = "title"


@dataclass(frozen=True)
class Summary:
    """How many trials the plan has, were kept, and ended in each status in this run."""

    total: int
    kept: int
    ok: int
    diverged: int
    failed: int


def write_the_report(study: Study) -> None:
    """The report, imported when there is something to report."""
    from bench.report import write_report

    write_report(study)


def _import_for_the_report() -> None:
    """Import the libraries of the report, a second's work that can be done while other processes train."""
    with contextlib.suppress(Exception):  # the report will say so
        for name in ("matplotlib.figure", "matplotlib.backends.backend_agg", "scipy.optimize", "seaborn"):
            import_module(name)


def run_plan(
    plan: Plan,
    ratings: Ratings,
    path: Path,
    how: HowToRun,
    console: Console,
    report: Callable[[Study], None] = write_the_report,
) -> Summary:
    """Train what is missing of a plan in a folder, and write the report from the study.

    Raises ``UserError`` where the folder cannot be written, is in use, or holds another plan or other data.
    """
    folder = StudyFolder(path)
    folder.create()
    with study_lock(path):
        folder.clean()
        try:
            summary = _train_missing(plan, ratings, folder, how, console)
            report(load_study(path))
            return summary
        finally:
            folder.clean()


def _train_missing(plan: Plan, ratings: Ratings, folder: StudyFolder, how: HowToRun, console: Console) -> Summary:
    say = _sayer(console)
    if not how.resume:
        folder.set_all_aside()
    trials = plan.trials(ratings.name, ratings.fingerprint)
    settings = _settings(plan, ratings, trials, folder.path, how)
    old = folder.settings()
    if old is not None:
        refuse_another(folder.path, old, settings)
        settings = _carry_over(old, settings)
    survey = folder.survey({trial.trial_id for trial in trials})
    _say_what_is_kept(survey, len(trials), folder, say)
    write_json(folder.path / "study.json", settings)
    missing = [trial for trial in trials if trial.trial_id not in survey.kept]
    counts = {"ok": 0, "diverged": 0, "failed": 0}
    if missing:
        write_shared(ratings, folder.work)
        pool = Pool(Setup(folder.path, folder.work, how.plugins), how.jobs, how.trial_timeout, say)
        with _meanwhile(_import_for_the_report), reporter(console, len(missing)) as display:
            for outcome in pool.run(units_of(missing, how.stack, how.jobs)):
                counts[outcome.status] += 1
                display.show(outcome)
    _draw_variants(plan, ratings, folder, settings)
    return Summary(len(trials), len(survey.kept), **counts)


@contextlib.contextmanager
def _meanwhile(work: Callable[[], None]) -> Iterator[None]:
    """Do something in a thread; at the end it is done, also after an exception."""
    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def _sayer(console: Console) -> Callable[[str], None]:
    def say(line: str) -> None:
        console.print(line, markup=False, highlight=False, soft_wrap=True)

    return say


def _settings(plan: Plan, ratings: Ratings, trials: Sequence[Trial], path: Path, how: HowToRun) -> dict[str, Any]:
    """``study.json``."""
    fold = split_ratings(ratings, plan.protocol, 0)
    devices = tuple(dict.fromkeys(trial.device for trial in trials))
    return {
        "name": path.name,
        "command": how.command,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "plan": {**plan.to_json(), "data": None if how.data is None else str(how.data.resolve())},
        "data": {
            "dataset": ratings.name,
            "fingerprint": ratings.fingerprint,
            "item_key": how.item_key,
            "protocol": plan.protocol,
            "n_ratings": len(ratings),
            "n_users": ratings.n_users,
            "n_items": ratings.n_items,
            "n_repeated_pairs": ratings.n_repeated_pairs,
            "scale": list(ratings.scale.values),
            "n_train": len(fold.train_rows),
            "n_valid": len(fold.valid_rows),
            "n_test": len(fold.test_rows),
        },
        "environment": environment(devices),
        "variants": {share.variant: _about(variant_named(share.variant)) for share in plan.variants},
        "trial_ids": [trial.trial_id for trial in trials],
    }


def _about(variant: Variant) -> dict[str, str]:
    family = "baseline" if variant.is_baseline else objective_named(variant.objective).family
    return {"description": variant.description, "family": family, "mermaid": ""}


def refuse_another(path: Path, old: dict[str, Any], new: dict[str, Any]) -> None:
    """``UserError`` that names the first differences between the study in a folder and the one that is asked for."""
    found = differences(_what_matters(old, "data"), _what_matters(new, "data"))
    what = "other data" if found else "another plan"
    found = found or differences(_what_matters(old, "plan"), _what_matters(new, "plan"))
    if found:
        rest = f" (and {len(found) - 3} more)" if len(found) > 3 else ""
        raise UserError(
            f"'{path}' holds {what}: {'; '.join(found[:3])}{rest}; "
            "pass another --out, the flags of that study, or --no-resume to set its trials aside"
        )


def _what_matters(settings: dict[str, Any], part: str) -> dict[str, Any]:
    """The part of a study's settings that a resumed run must share: where a data file lies does not matter."""
    return {key: value for key, value in settings.get(part, {}).items() if key not in ("data", "preset")}


def _carry_over(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Keep when the study began, what was added to it from outside, and the diagrams where the same code draws them."""
    if old["trial_ids"] == new["trial_ids"]:
        new = {**new, "variants": {name: {**about, **old["variants"].get(name, {})} for name, about in new["variants"].items()}}
    added = old.get("added", [])
    variants = {name: about for name, about in old["variants"].items() if added and name not in new["variants"]}
    kept = {"added": added} if added else {}
    return {**new, **kept, "created": old["created"], "variants": {**new["variants"], **variants}}


def _say_what_is_kept(survey: Survey, total: int, folder: StudyFolder, say: Callable[[str], None]) -> None:
    for line in survey.set_aside:
        say(f"set aside {line}; its trial is trained again")
    if survey.other_code:
        say(f"set aside {survey.other_code} trials of other code or library versions in '{folder.path / 'set-aside'}'")
    if survey.kept or survey.failed:
        again = f", and trains {survey.failed} that failed again" if survey.failed else ""
        say(f"keeps {len(survey.kept)} of {total} trials{again}")


def _draw_variants(plan: Plan, ratings: Ratings, folder: StudyFolder, settings: dict[str, Any]) -> None:
    """Put each variant's diagram into ``study.json``; torch is imported for it, so it comes when the training is done."""
    missing = [share for share in plan.variants if not settings["variants"][share.variant]["mermaid"]]
    if not missing:
        return
    for share in missing:
        sizes = Sizes(ratings.n_users, ratings.n_items, share.options[0].n_factors, ratings.scale)
        settings["variants"][share.variant]["mermaid"] = mermaid(variant_named(share.variant), sizes)
    write_json(folder.path / "study.json", settings)
