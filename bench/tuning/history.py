"""A tuning read back from its study: the settings of each variant, with the scores that the search saw."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.study.study import Study
from bench.tuning.entry import KEY, entries_of
from bench.tuning.search import COMPLETE, PRUNED
from bench.tuning.space import Space
from bench.tuning.terms import Terms
from cfce.options import OptionValues
from cfce.search import Range


@dataclass(frozen=True)
class Tried:
    """One setting of a search."""

    number: int
    options: OptionValues
    """Every option."""
    state: str
    scores: tuple[float, ...]
    """On valid, by split: one where it was pruned; NaN where a training was lost."""
    seconds: float

    @property
    def score(self) -> float:
        """The mean over the splits; NaN where it was not trained on all of them."""
        return math.fsum(self.scores) / len(self.scores) if self.state == COMPLETE else math.nan


@dataclass(frozen=True, eq=False)
class History:
    """The tuning of one variant."""

    variant: str
    terms: Terms
    space: Space
    tried: tuple[Tried, ...]
    chosen: Tried | None
    """None where every setting was lost."""
    judged: tuple[str, ...]
    """Trials of the chosen setting with new seeds."""
    of_defaults: tuple[str, ...]
    baselines: tuple[str, ...]

    @property
    def seconds(self) -> float:
        """Of training, in the whole search."""
        return math.fsum(one.seconds for one in self.tried)

    def scores(self) -> NDArray[np.float64]:
        """The score of every setting (N,), that of a pruned one estimated; NaN where it was lost.

        A pruned setting has its score on the first split, plus what the mean over all splits differs from the first on
        average over the complete settings.
        """
        shift = float(np.mean([one.score - one.scores[0] for one in self.tried if one.state == COMPLETE] or [0.0]))
        return np.array([one.scores[0] + shift if one.state == PRUNED else one.score for one in self.tried])

    def edges(self) -> list[tuple[str, str]]:
        """The options of the chosen setting that lie at an end of their range, and which."""
        if self.chosen is None:
            return []
        values = self.chosen.options
        found = [(name, self.space.range_of(name, values)) for name in self.space.ordered]
        told = [(name, one.edge(values[name])) for name, one in found if one is not None]
        return [(name, edge) for name, edge in told if edge]


def histories_of(study: Study) -> list[History]:
    """The tunings of a study on the terms of the last one: the same data, protocol, metric, budget, splits and sampler.

    Searches on other terms are left out, as a comparison of them would not be fair; of two of one variant the later one counts.
    """
    found = [_history(plan["plan"]) for plan in entries_of(study.settings)]
    return list({one.variant: one for one in found if one.terms == found[-1].terms and one.tried}.values())


def _history(plan: Mapping[str, Any]) -> History:
    content = plan[KEY]
    terms = Terms(**{one.name: content[one.name] for one in fields(Terms)})
    defaults = OptionValues(content["defaults"])
    ranges = {name: tuple(Range.from_json(one) for one in found) for name, found in content["space"].items()}
    tried = tuple(
        Tried(
            number,
            defaults.replaced(**one["options"]),
            one["state"],
            tuple(math.nan if score is None else score for score in one["scores"]),
            one["seconds"],
        )
        for number, one in enumerate(content["settings"])
    )
    chosen = None if content["chosen"] is None else tried[content["chosen"]]
    ids = (tuple(content[name]) for name in ("judged", "of_defaults", "baselines"))
    return History(content["variant"], terms, Space(content["variant"], defaults, ranges), tried, chosen, *ids)
