"""One tuning in a study folder: the searches of all variants side by side, and the chosen settings trained anew.

The study is the storage. A search is replayed: each setting that it asks for is the one that it asked for before, and a trial
that is in the folder is read, not fitted. So an interrupted search resumes and a larger budget goes on where the smaller one
ended.
"""

import contextlib
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from bench.harness.checking import check_settings
from bench.harness.executor import EXECUTORS
from bench.harness.keeping import Keeper
from bench.harness.outcome import Outcome
from bench.harness.run import RATINGS, HowToRun, WriteReport
from bench.harness.settings import LOST, about_variant, data_of, grown, refuse_other_data, without_settings
from bench.harness.unready import unready_variants
from bench.plan.plan import BASELINES, engine_of
from bench.plan.trial import Trial
from bench.study.environment import environment
from bench.study.folder import StudyFolder, Survey
from bench.study.formats import read_record, write_settings
from bench.study.lock import study_lock
from bench.study.record import Record
from bench.study.study import load_study
from bench.tuning.entry import Entry, entries_of, lost_searches
from bench.tuning.probe import check_metric
from bench.tuning.score import ValidScorer
from bench.tuning.search import Search, TrialMaker
from bench.tuning.space import Space
from bench.tuning.terms import Terms
from bench.variants.variant import VARIANTS
from cfce.datasets.stored import save_ratings
from cfce.errors import UserError
from cfce.options import OptionValues
from cfce.ratings import Ratings
from cfce.splits import Fold, split_ratings
from cfce.text import short

Log = Callable[[str], None]


def tune(
    spaces: Sequence[Space],
    terms: Terms,
    ratings: Ratings,
    path: Path,
    how: HowToRun,
    log: Log,
    write_report: WriteReport,
    declared: Mapping[str, str] | None = None,
) -> int:
    """Tune every variant in a folder, and write the report; how many trials failed or parts of the report were not made.

    Where no variant can be fitted here, the folder stays as it is, and their number is returned.
    ``declared`` are the texts of ``primary`` and ``reference`` where there are any, of the table of verdicts. Raises
    ``UserError`` where the folder cannot be written, is in use or holds other data, or the protocol has no test part.
    """
    fold = split_ratings(ratings, terms.protocol, 0)
    _check(spaces, terms, ratings, fold, how)
    spaces = [space.up_to("batch_size", len(fold.train_rows)) for space in spaces]
    folder = StudyFolder(path)
    folder.create()
    with study_lock(path):
        folder.clean()
        try:
            unready = unready_variants((space.variant for space in spaces), log)
            ready = [space for space in spaces if space.variant not in unready]
            if not ready:
                return len(unready)
            if not how.resume:
                folder.set_all_aside()
            failed = len(unready) + _Tuning(ready, terms, ratings, folder, how, log, declared or {}).run()
            problems = write_report(load_study(path))
            for line in problems:
                log(short(line))
            return failed + len(problems)
        finally:
            folder.clean()


def _check(spaces: Sequence[Space], terms: Terms, ratings: Ratings, fold: Fold, how: HowToRun) -> None:
    """Raise ``UserError`` for what can be known before a worker starts."""
    if not len(fold.rows("test")):
        raise UserError(
            f"the protocol '{terms.protocol}' has no test part, so a tuned variant would be judged on what it was tuned on; "
            "use one with test, such as random-80-10-10"
        )
    for space in spaces:
        for values in space.first_choices():
            engine_of(space.variant, VARIANTS[space.variant].estimator.with_options(values), "cpu")
    check_metric(terms.metric, [space.variant for space in spaces], fold)
    settings = [(space.variant, space.defaults) for space in spaces]
    check_settings(settings, ratings, terms.protocol, 0, how.prepare, how.trial_timeout)


class _Tuning:
    """The searches under way, and what is written of them."""

    def __init__(
        self,
        spaces: Sequence[Space],
        terms: Terms,
        ratings: Ratings,
        folder: StudyFolder,
        how: HowToRun,
        log: Log,
        declared: Mapping[str, str],
    ) -> None:
        self.declared = declared
        self.terms, self.ratings, self.folder, self.how, self._log = terms, ratings, folder, how, log
        self._maker = TrialMaker(ratings.name, ratings.fingerprint)
        self.searches = {space.variant: Search(space, terms, self._maker) for space in spaces}
        self.judged: dict[str, tuple[Trial, ...]] = {}
        self.of_defaults: dict[str, tuple[Trial, ...]] = {}
        self.units: list[tuple[Trial, ...]] = []
        self._wanted: deque[Trial] = deque()
        self._scorer = ValidScorer(terms.metric, ratings.scale)
        self._keeper = Keeper(folder, ratings.scale, how.reducing)
        self.kept = self.failed = 0
        self._replaced: set[str] = set()
        self._lines: dict[str, int] = {}

    def run(self) -> int:
        """Search, judge and write; the number of trials that failed."""
        baselines = self._baselines()
        new = self._settings(baselines)
        old = self.folder.settings(self._log)
        if old is not None:
            refuse_other_data(self.folder.path, old, new)
        survey = self._survey(baselines, (old or {}).get("added", ()))
        before = old or without_settings(self.folder, new, survey)
        for line in lost_searches(before["plans"], survey.superseded, self.searches):
            self._log(line)
        family_of = partial(self.folder.family_of, scale=self.ratings.scale)
        first = grown(before, {**new, "plans": []}, survey, family_of)
        first["plans"] = first["plans"] or new["plans"]
        write_settings(self.folder.path / "study.json", first)  # so that a folder says what it is of from the start
        save_ratings(self.ratings, self.folder.work / RATINGS)
        setup = self.how.setup(self.folder.work)
        self._wanted.extend(baselines)
        for search in self.searches.values():
            self._wanted.extend(search.advance())
        self._look_up()
        if self.kept:
            self._log(f"keeps {self.kept} trials that were there")
        if self.units:
            outcomes = EXECUTORS[self.how.executor].outcomes(self.units, setup, self._log)
            with contextlib.closing(outcomes):
                for outcome in outcomes:
                    self._hear(self._write(outcome))
                    self._look_up()
        if self._replaced:
            self._log(f"set aside {len(self._replaced)} trials at older defaults of options")
            survey.superseded |= {one: one for one in self._replaced}
        entries = [self._entry(name, baselines) for name in self.searches]
        settings = grown({**before, "plans": _others(before["plans"], entries)}, self._settings(baselines), survey, family_of)
        self._set_aside_what_nothing_names(before, settings)
        write_settings(self.folder.path / "study.json", settings)
        return self.failed

    def _survey(self, baselines: tuple[Trial, ...], added: Collection[str]) -> Survey:
        """What is there; torn trials and those of other code are set aside."""
        firsts = [trial for search in self.searches.values() for trial in search.firsts()]
        survey = self.folder.survey([*baselines, *firsts], {name: _defaults(name) for name in self._variants}, added)
        for line in survey.set_aside:
            self._log(f"set aside {line}")
        if survey.superseded:
            place = self.folder.path / "set-aside"
            self._log(f"set aside {len(survey.superseded)} trials of other code or library versions in '{place}'")
        return survey

    def _look_up(self) -> None:
        """Have the trials that are wanted fitted, or read those that are there, until nothing follows from these."""
        while self._wanted:
            trial = self._wanted.popleft()
            record = self._found(trial)
            if record is None:
                self.units.append((trial,))
            else:
                self.kept += 1
                self._hear(record)

    def _found(self, trial: Trial) -> Record | None:
        """The record of a trial that is there and did not fail; one of options at other defaults is set aside."""
        try:
            record = read_record(self.folder.trial_file(trial.trial_id))
        except FileNotFoundError:
            return None
        if trial.differs_from(record.trial, _defaults(trial.variant)):
            self.folder.put_away(trial.trial_id)
            self._replaced.add(trial.trial_id)
            return None
        return None if record.status == "failed" else record

    def _hear(self, record: Record) -> None:
        search = self.searches.get(record.trial.variant)
        if search is None or not search.asked_for(record.trial):
            return
        score = None
        if record.status == "ok":
            score = self._scorer.of(self.folder.path, record)
        self._wanted.extend(search.hear(record.trial, score, record.fit_seconds or 0.0))
        self._tell(search)
        self._judge_if_finished(search)

    def _judge_if_finished(self, search: Search) -> None:
        """Once a search is done, have its choice and its defaults trained with new seeds."""
        name = search.space.variant
        if name in self.judged or not search.finished:
            return
        best = search.best
        self.judged[name] = () if best is None else search.judged(best.options)
        self.of_defaults[name] = search.judged(search.space.defaults)
        self._wanted.extend(dict.fromkeys((*self.judged[name], *self.of_defaults[name])))

    def _baselines(self) -> tuple[Trial, ...]:
        """What skill is measured from, on every split."""
        found = []
        for name in BASELINES:
            if name not in self.searches:
                variant = VARIANTS[name]
                options = OptionValues({one: option.default for one, option in variant.options.items()} | dict(variant.defaults))
                found += [self._maker.trial(name, options, self.terms.protocol, split, 0) for split in range(self.terms.splits)]
        return tuple(found)

    def _write(self, outcome: Outcome) -> Record:
        record = self._keeper.write(outcome).record
        if record.status == "failed":
            self.failed += 1
            self._log(f"{record.trial.variant} failed on split {record.trial.split}: {record.reason}")
        return record

    def _tell(self, search: Search) -> None:
        """A line whenever another tenth of a search is done."""
        done = [setting for setting in search.settings if setting.state != "running"]
        tenth = 10 * len(done) // self.terms.budget
        name = search.space.variant
        if tenth > self._lines.get(name, 0):
            self._lines[name] = tenth
            best = search.best
            told = "" if best is None else f", best {self.terms.metric} {abs(best.loss):.4f} on valid"
            pruned = sum(setting.state == "pruned" for setting in done)
            self._log(f"{name}: {len(done)} of {self.terms.budget} settings, {pruned} pruned{told}")

    @property
    def _variants(self) -> list[str]:
        """The variants and the baselines."""
        return list(dict.fromkeys((*self.searches, *BASELINES)))

    def _settings(self, baselines: tuple[Trial, ...]) -> dict[str, Any]:
        """The settings of a study that these searches begin: an entry for each variant among its plans."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        around = {"command": self.how.command, "asked": now, "environment": environment(("cpu",))}
        entries = [self._entry(name, baselines) for name in self.searches]
        return {
            "name": short(self.folder.path.resolve().name),
            "created": now,
            "data": data_of(self.ratings, self.how.source),
            "plans": [{**around, "plan": entry.to_json(), "trial_ids": entry.trial_ids} for entry in entries],
            "variants": {name: about_variant(name) for name in self._variants},
            "added": [],
        }

    def _entry(self, name: str, baselines: tuple[Trial, ...]) -> Entry:
        search = self.searches[name]
        best = search.best
        return Entry(
            name,
            self.terms,
            search.space,
            tuple(search.settings),
            None if best is None else best.number,
            tuple(trial.trial_id for trial in self.judged.get(name, ())),
            tuple(trial.trial_id for trial in self.of_defaults.get(name, ())),
            tuple(trial.trial_id for trial in baselines),
            self.declared,
        )

    def _set_aside_what_nothing_names(self, before: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
        """Trials of an earlier search that this one does not ask for, such as those of other code."""
        named = {one for plan in settings["plans"] for one in plan["trial_ids"]} | set(settings["added"])
        unnamed = {one for entry in entries_of(before) for one in entry["trial_ids"]} - named
        lost = sorted(one for one in unnamed if self.folder.trial_file(one).exists())
        for trial_id in lost:
            self.folder.put_away(trial_id)
        if lost:
            self._log(f"set aside {len(lost)} trials that an earlier search asked for and this one does not")


def _defaults(variant: str) -> dict[str, Any]:
    return {name: option.default for name, option in VARIANTS[variant].options.items()}


def _others(plans: Sequence[dict[str, Any]], entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """The plans of a study beside these searches: not what a search was before it grew, nor what a lost ``study.json`` hid.

    Of such a lost one, trials that a search asked for leave the plan that was made for them: all where it has no others, else
    those of the search alone.
    """
    named = {one for entry in entries for one in entry.trial_ids}
    searched = {one for entry in entries for one in entry.searched}
    found = []
    for plan in plans:
        if any(entry.replaces(plan) for entry in entries):
            continue
        if plan["command"] == LOST:
            leaving = searched if set(plan["trial_ids"]) - named else named
            plan = {**plan, "trial_ids": [one for one in plan["trial_ids"] if one not in leaving]}
        found.append(plan)
    return found
