"""One run of a plan in a study folder: what is kept, what is fitted, and the report at the end."""

import contextlib
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from rich.console import Console

from bench.harness.checking import check_settings
from bench.harness.drawing import PATIENCE, Drawing, Wanted
from bench.harness.executor import EXECUTORS, Scoring, Setup
from bench.harness.keeping import Keeper, Reducing
from bench.harness.progress import Detail, logger, reporter
from bench.harness.settings import Settings, Source, grown, refuse_other_data, settings_of, without_settings
from bench.harness.unit import units_of
from bench.harness.unready import run_ready, unready_variants
from bench.plan.plan import Plan
from bench.plan.trial import Trial
from bench.study.environment import cores
from bench.study.folder import StudyFolder, Survey
from bench.study.formats import write_settings
from bench.study.lock import study_lock
from bench.study.study import Study, load_study
from bench.tuning.entry import lost_searches
from bench.variants.plugins import load_parts
from bench.variants.variant import VARIANTS
from cfce.datasets.stored import save_ratings
from cfce.models.sizes import Sizes
from cfce.ratings import Ratings
from cfce.text import short

RATINGS = "ratings"
"""The folder of the shared ratings, within the working folder of a run."""

MOST_SCORED = 100_000_000
"""Ratings times trials up to which a run holds the scores that workers make; of more, the report makes them."""

WriteReport = Callable[[Study], Sequence[str]]
"""Writes the report of a study; gives what could not be read or made, a line each."""


@dataclass(frozen=True)
class HowToRun:
    """What changes how a plan is fitted, but no result."""

    jobs: int
    """Trials at a time; 0 for as many as an executor elsewhere has room for."""
    at_once: int | None
    """Trials of a batch at most; None for as many as fit."""
    trial_timeout: float
    resume: bool = True
    prepare: Callable[[], None] = load_parts
    """Registers the parts of the plan in a worker."""
    command: str = ""
    source: Source = field(default_factory=Source)
    executor: str = "local"
    address: str = ""
    """Where the machines of an executor elsewhere are reached."""
    detail: Detail = "automatic"
    reducing: Reducing | None = None
    """Makes the function that turns predictions into the scores that are kept in their place; None to keep predictions."""
    scoring: Scoring | None = None
    """Makes the function that scores predictions in the worker that made them, for the report at the end of the run."""

    def setup(self, work: Path) -> Setup:
        """What the executor starts from, the ratings saved in the working folder of a run."""
        return Setup(work / RATINGS, work, self.prepare, self.jobs, self.trial_timeout, self.address)


@dataclass(frozen=True)
class Summary:
    """How many trials the plan has, were kept, and ended in each status in this run."""

    total: int
    kept: int
    ok: int
    diverged: int
    failed: int
    problems: tuple[str, ...] = ()
    """What could not be read or made for the report, a line each."""


def run_plan(plan: Plan, ratings: Ratings, path: Path, how: HowToRun, console: Console, write_report: WriteReport) -> Summary:
    """Fit what is missing of a plan in a folder, and write the report from the study.

    Raises ``UserError`` where the folder cannot be written, is in use, or holds other data.
    """
    settings = [(share.variant, options) for share in plan.variants for options, _ in share.settings]
    check_settings(settings, ratings, plan.protocol, plan.draws()[0][0], how.prepare, how.trial_timeout)
    folder = StudyFolder(path)
    folder.create()
    with study_lock(path):
        folder.clean()
        try:
            summary, scored = _fit_missing(plan, ratings, folder, how, console)
            return replace(summary, problems=(*summary.problems, *write_report(replace(load_study(path), scored=scored))))
        finally:
            folder.clean()


def _fit_missing(
    plan: Plan, ratings: Ratings, folder: StudyFolder, how: HowToRun, console: Console
) -> tuple[Summary, dict[str, Any]]:
    """Fit what the folder lacks of a plan; returns the scores that workers made too, by trial."""
    report = logger(console)
    if not how.resume:
        folder.set_all_aside()
    trials = plan.trials(ratings.name, ratings.fingerprint)
    settings = settings_of(plan, ratings, trials, short(folder.path.resolve().name), how.source, how.command)
    old = folder.settings(report)
    if old is not None:
        refuse_other_data(folder.path, old, settings)
    defaults = {
        share.variant: {name: option.default for name, option in VARIANTS[share.variant].options.items()}
        for share in plan.variants
    }
    survey = folder.survey(trials, defaults, (old or {}).get("added", ()))
    family_of = partial(folder.family_of, scale=ratings.scale)
    before = old or without_settings(folder, settings, survey)
    settings = grown(before, settings, survey, family_of)
    _report_what_is_kept(survey, len(trials), folder, report)
    for line in lost_searches(before["plans"], survey.superseded):
        report(line)
    write_settings(folder.path / "study.json", settings)
    missing = [trial for trial in trials if trial.trial_id not in survey.kept]
    patience = min(PATIENCE, how.trial_timeout)
    with Drawing(_to_draw(plan, ratings, settings), how.prepare, patience) as drawing:
        counts, scored = _fit(missing, ratings, folder, how, console, report) if missing else (Counter(), {})
        problems = _keep_diagrams(drawing, folder, settings)
    return Summary(len(trials), len(survey.kept), counts["ok"], counts["diverged"], counts["failed"], problems), scored


def _fit(
    missing: list[Trial],
    ratings: Ratings,
    folder: StudyFolder,
    how: HowToRun,
    console: Console,
    report: Callable[[str], None],
) -> tuple[Counter[str], dict[str, Any]]:
    """Fit trials and write what comes: how many ended in each status, and the scores that workers made, by trial."""
    counts: Counter[str] = Counter()
    scored: dict[str, Any] = {}
    save_ratings(ratings, folder.work / RATINGS)
    scoring = how.scoring if len(ratings) * len(missing) <= MOST_SCORED else None
    setup = replace(how.setup(folder.work), scoring=scoring)
    unready = unready_variants((trial.variant for trial in missing), report)
    ready = [trial for trial in missing if trial.variant not in unready]
    run = EXECUTORS[how.executor].outcomes
    keeper = Keeper(folder, ratings.scale, how.reducing)
    outcomes = run_ready(missing, unready, lambda: run(units_of(ready, how.at_once, how.jobs or cores()), setup, report))
    with (
        _meanwhile(_import_for_the_report),
        reporter(console, len(missing), how.detail) as display,
        contextlib.closing(outcomes),
    ):
        for outcome in outcomes:
            written = keeper.write(outcome)
            counts[written.record.status] += 1
            if written.scores is not None:
                scored[written.record.trial_id] = written.scores
            display.show(written)
    return counts, scored


def _import_for_the_report() -> None:
    """Import the libraries of the report, a second's work that can be done while other processes train."""
    with contextlib.suppress(Exception):  # the report will say so
        for name in ("matplotlib.figure", "matplotlib.backends.backend_agg", "scipy.optimize", "scipy.stats", "seaborn"):
            import_module(name)


@contextlib.contextmanager
def _meanwhile(work: Callable[[], None]) -> Iterator[None]:
    """Do something in a thread; at the end it is done, also after an exception."""
    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def _report_what_is_kept(survey: Survey, total: int, folder: StudyFolder, report: Callable[[str], None]) -> None:
    for line in survey.set_aside:
        report(f"set aside {line}")
    if survey.superseded:
        count = len(survey.superseded)
        others = sum(not successor for successor in survey.superseded.values())
        more = f", {others} of which this plan does not ask for" if others else ""
        report(f"set aside {count} trials of other code or library versions in '{folder.path / 'set-aside'}'{more}")
    if survey.kept or survey.failed:
        again = f", and trains {survey.failed} that failed again" if survey.failed else ""
        alone = sum(not record.keeps_predictions and record.status == "ok" for record in survey.kept.values())
        without = f", {alone} of which have scores and no predictions" if alone else ""
        report(f"keeps {len(survey.kept)} of {total} trials{without}{again}")
    if survey.others:
        report(f"{len(survey.others)} trials of earlier plans stay in the study")


def _to_draw(plan: Plan, ratings: Ratings, settings: Settings) -> list[Wanted]:
    """The variants that have no diagram yet, with the sizes that they are drawn for."""
    wanted = []
    for share in plan.variants:
        if not settings["variants"][share.variant]["mermaid"]:
            options: Any = share.settings[0][0]
            sizes = Sizes(ratings.n_users, ratings.n_items, int(options.get("n_factors", 1)), ratings.scale)
            wanted.append((share.variant, sizes))
    return wanted


def _keep_diagrams(drawing: Drawing, folder: StudyFolder, settings: Settings) -> tuple[str, ...]:
    """Put the diagrams into ``study.json``; a line for each variant of which there is none."""
    drawn, failed = drawing.finish()
    for name, text in drawn.items():
        settings["variants"][name]["mermaid"] = text
    if drawn:
        write_settings(folder.path / "study.json", settings)
    return tuple(f"'{name}' has no diagram: {reason}" for name, reason in failed.items())
