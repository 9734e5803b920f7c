"""The search of one variant: which trial is next, and what its scores decide. It knows no processes and no files.

A setting is asked for when all but the last seven before it are finished, and told in order. So what is asked depends on the
scores and not on which trial ended first: any number of workers, and a resumed search, find the same settings.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from bench.plan.code_version import code_version
from bench.plan.plan import MOST_SPLITS
from bench.plan.trial import Trial
from bench.tuning.sampler import Sampler
from bench.tuning.space import Space
from bench.tuning.terms import FIRST_SEARCH_SEED, IN_FLIGHT, UNPRUNED, Terms
from bench.variants.variant import VARIANTS
from cfce.errors import UserError
from cfce.options import OptionValues
from cfce.protocols import PROTOCOLS

RUNNING, COMPLETE, PRUNED, LOST = "running", "complete", "pruned", "lost"


class TrialMaker:
    """Makes the trials of one tuning of some ratings; the code that fits a variant is looked up once."""

    def __init__(self, dataset: str, fingerprint: str) -> None:
        self._data = dataset, fingerprint
        self._code = cache(
            lambda variant, engine, protocol: code_version(VARIANTS[variant].estimator, engine, PROTOCOLS[protocol])
        )

    def trial(self, variant: str, options: Mapping[str, Any], protocol: str, split: int, number: int) -> Trial:
        """A trial on the CPU; ``number`` is that of the split's seed, as in a plan."""
        found = VARIANTS[variant]
        estimator = found.estimator.with_options(options)
        seed = split + MOST_SPLITS * number if estimator.uses_seed else split
        engine = estimator.engine_on("cpu")
        what = (*self._data, protocol, variant, engine, "cpu", split, seed, seed)
        return Trial(*what, OptionValues(options), self._code(variant, engine, protocol)).identified(found.options)


@dataclass(eq=False)
class Setting:
    """One setting of the options and what it gave on valid."""

    number: int
    options: OptionValues
    trials: tuple[Trial, ...]
    """One a split."""
    threshold: float = math.inf
    """The loss on the first split above which it is pruned: the median of those told before it was asked for."""
    losses: dict[int, float] = field(default_factory=dict)
    """Split to loss: the score with the sign that makes lower better; infinite where the training was lost."""
    seconds: float = 0.0
    """Of training."""
    state: str = RUNNING

    @property
    def loss(self) -> float:
        """The mean over the splits; infinite where it is not complete."""
        return float(np.mean(list(self.losses.values()))) if self.state == COMPLETE else math.inf


class Search:
    """The settings of one variant, in the order in which they are asked for."""

    def __init__(self, space: Space, terms: Terms, maker: TrialMaker) -> None:
        self.space, self.terms, self._maker = space, terms, maker
        self.settings: list[Setting] = []
        self._told = 0
        self._sampler = Sampler(space, terms.sampler, terms.seed)
        self._by_trial: dict[str, tuple[Setting, int]] = {}

    def advance(self) -> list[Trial]:
        """The trials that can be fitted now and could not before."""
        found: list[Trial] = []
        while True:
            if self._may_ask:
                setting = self._ask()
                found.append(setting.trials[0])
            elif self._told < len(self.settings) and self.settings[self._told].state != RUNNING:
                setting = self.settings[self._told]
                first = setting.losses.get(0, math.inf)
                self._sampler.tell(setting.number, setting.options, setting.loss, first, setting.state == PRUNED)
                self._told += 1
            else:
                return found

    def hear(self, trial: Trial, score: float | None, seconds: float) -> list[Trial]:
        """A trial is finished, with its score on valid (None: diverged or failed); the trials that follow.

        Raises ``UserError`` where the score is none.
        """
        setting, split = self._by_trial[trial.trial_id]
        if score is not None and math.isnan(score):
            raise UserError(
                f"'{self.space.variant}' has no {self.terms.metric}, so it cannot be tuned by it; pass another --metric"
            )
        setting.losses[split] = math.inf if score is None else self.terms.loss(score)
        setting.seconds += seconds
        following: list[Trial] = []
        if setting.state == RUNNING:
            if not math.isfinite(setting.losses[split]):
                setting.state = LOST
            elif split == 0 and setting.losses[0] > setting.threshold and len(setting.trials) > 1:
                setting.state = PRUNED
            elif len(setting.losses) == len(setting.trials):
                setting.state = COMPLETE
            elif split == 0:
                following = list(setting.trials[1:])
        return following + self.advance()

    def asked_for(self, trial: Trial) -> bool:
        """Whether a trial is one of a setting's."""
        return trial.trial_id in self._by_trial

    @property
    def finished(self) -> bool:
        """Whether every setting of the budget is done."""
        return not self._may_ask and self._told == len(self.settings)

    @property
    def seconds(self) -> float:
        """Seconds of training so far."""
        return math.fsum(setting.seconds for setting in self.settings)

    @property
    def best(self) -> Setting | None:
        """The complete setting with the least mean loss on valid, the first of equals; None where every one was lost."""
        complete = [setting for setting in self.settings if setting.state == COMPLETE]
        return min(complete, key=lambda one: one.loss, default=None)

    @property
    def _may_ask(self) -> bool:
        spent = math.fsum(setting.seconds for setting in self.settings[: self._told])
        in_time = self.terms.seconds is None or spent < self.terms.seconds
        return len(self.settings) < self.terms.budget and len(self.settings) - self._told < IN_FLIGHT and in_time

    def _ask(self) -> Setting:
        number = len(self.settings)
        options = self._sampler.ask(number)
        trials = tuple(self.trial(options, split, FIRST_SEARCH_SEED + number) for split in range(self.terms.splits))
        firsts = [setting.losses.get(0, math.inf) for setting in self.settings[: self._told]]
        threshold = float(np.median(firsts)) if len(firsts) >= UNPRUNED else math.inf
        setting = Setting(number, options, trials, threshold)
        self.settings.append(setting)
        for split, trial in enumerate(trials):
            self._by_trial[trial.trial_id] = setting, split
        return setting

    def trial(self, options: OptionValues, split: int, number: int) -> Trial:
        """The trial of a setting on a split, with the split's seed of that number."""
        return self._maker.trial(self.space.variant, options, self.terms.protocol, split, number)

    def firsts(self) -> list[Trial]:
        """A trial of each of the first choices, which together have every engine that the search may train on."""
        return [self.trial(options, 0, FIRST_SEARCH_SEED) for options in self.space.first_choices()]

    def judged(self, options: OptionValues) -> tuple[Trial, ...]:
        """The trials that a setting is judged by: every split, each with seeds that no search has used."""
        estimator = VARIANTS[self.space.variant].estimator
        seeds = self.terms.seeds if estimator.uses_seed else 1
        return tuple(self.trial(options, split, number) for split in range(self.terms.splits) for number in range(seeds))
