"""Where the next setting comes from: Optuna's samplers, told of earlier settings one after the other.

The n-th setting depends on the seed, the variant, and the scores that were told before it, and on nothing else.
"""

import hashlib
import math
from typing import TYPE_CHECKING, Any

from bench.tuning.space import Space
from cfce.options import OptionValues
from cfce.search import Range

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.trial import Trial as Asked

RANDOM_FIRST = 10
"""Settings of TPE that are drawn at random, as a model of the scores needs some."""


class Sampler:
    """Draws settings from a space; ``tell`` them in the order in which they were asked for."""

    def __init__(self, space: Space, sampler: str, seed: int) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self._space = space
        of_variant = int.from_bytes(hashlib.sha256(f"{seed}/{space.variant}".encode()).digest()[:4], "little")
        made: Any = (
            optuna.samplers.RandomSampler(seed=of_variant)
            if sampler == "random"
            else optuna.samplers.TPESampler(seed=of_variant, n_startup_trials=RANDOM_FIRST)
        )
        self._study = optuna.create_study(sampler=made)
        self._asked: dict[int, Asked] = {}

    def ask(self, number: int) -> OptionValues:
        """The setting of that number; 0 is the defaults."""
        if number == 0:
            return self._space.defaults
        asked = self._asked[number] = self._study.ask()
        values = dict(self._space.defaults)
        for name in self._space.ordered:
            found = self._space.range_of(name, values)
            if found is not None:
                values[name] = self._suggest(asked, name, found)
        return OptionValues(values)

    def _suggest(self, asked: "Asked", name: str, found: Range) -> Any:
        if found.choices:
            return asked.suggest_categorical(_key(name, found), found.choices)
        if isinstance(self._space.defaults[name], int):
            return asked.suggest_int(_key(name, found), int(found.low), int(found.high), log=found.log)
        return asked.suggest_float(_key(name, found), found.low, found.high, log=found.log)

    def tell(self, number: int, values: OptionValues, loss: float, first: float, pruned: bool) -> None:
        """The loss of a setting (lower is better), or, where it was pruned, that of its first split; not finite: it was lost."""
        from optuna.trial import TrialState, create_trial

        state = TrialState.PRUNED if pruned or not math.isfinite(loss) else TrialState.COMPLETE
        seen = {0: first} if math.isfinite(first) else {}
        if number == 0:
            found = self._distributions(values)
            if found is not None:
                names, params = found
                value = None if state is TrialState.PRUNED else loss
                self._study.add_trial(
                    create_trial(state=state, value=value, params=params, distributions=names, intermediate_values=dict(seen))
                )
            return
        asked = self._asked.pop(number)
        for step, one in seen.items():
            asked.report(one, step)
        self._study.tell(asked, None if state is TrialState.PRUNED else loss, state=state)

    def _distributions(self, values: OptionValues) -> "tuple[dict[str, BaseDistribution], dict[str, Any]] | None":
        """The defaults as Optuna holds a setting; None where they lie outside the space."""
        from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

        names: dict[str, BaseDistribution] = {}
        params: dict[str, Any] = {}
        for name in self._space.ordered:
            found = self._space.range_of(name, values)
            if found is None:
                continue
            if not found.contains(values[name]):
                return None
            if found.choices:
                names[_key(name, found)] = CategoricalDistribution(found.choices)
                params[_key(name, found)] = values[name]
                continue
            key = _key(name, found)
            of_int = isinstance(values[name], int)
            names[key] = (
                IntDistribution(int(found.low), int(found.high), log=found.log)
                if of_int
                else FloatDistribution(found.low, found.high, log=found.log)
            )
            params[key] = values[name]
        return names, params


def _key(name: str, found: Range) -> str:
    """An option's name at Optuna: ranges of one option that depend on others are each their own."""
    return f"{name} ({found.when})" if found.when else name
