"""Statistics as pure functions on plain arrays: they know numpy, scipy and the errors, and no study.

    fit = cross_fit(valid, test, splits, seeds, rng)          # each fit's options, chosen by the others
    found = estimate(differences, splits, seeds, replicates)  # a difference with its interval; splits, seeds, users counted
    posterior(found, margin), further_units(found, margin, 0.05, rng), reachable_margin(found)
    decide(found, p_holm, p_outside_holm, margin, withheld=bool(withheld_for(found)))

``docs/statistics.md`` explains every choice, with its source and its measured error.
"""

from bench.statistics.crossfit import CrossFit, cross_fit
from bench.statistics.decide import LEVEL, caveats_of, decide, withheld_for
from bench.statistics.edge import beyond, edge_of
from bench.statistics.estimate import Estimate, estimate
from bench.statistics.families import corrected, holm, in_family
from bench.statistics.further import Further, further_units
from bench.statistics.margins import Reachable, reachable_margin
from bench.statistics.posterior import Posterior, posterior
from bench.statistics.ranks import ranks_p
from bench.statistics.robust import Robust, interquartile_difference, interquartile_mean, probability_of_improvement
from bench.statistics.survivors import imputed, lost_share
from bench.statistics.tail import Tail, missed_share, tail_of, tails_of
from bench.statistics.temperature import at_temperature, fit_temperature
from bench.statistics.users import effective_users

__all__ = [
    "LEVEL",
    "CrossFit",
    "Estimate",
    "Further",
    "Posterior",
    "Reachable",
    "Robust",
    "Tail",
    "at_temperature",
    "beyond",
    "caveats_of",
    "corrected",
    "cross_fit",
    "decide",
    "edge_of",
    "effective_users",
    "estimate",
    "fit_temperature",
    "further_units",
    "holm",
    "imputed",
    "in_family",
    "interquartile_difference",
    "interquartile_mean",
    "lost_share",
    "missed_share",
    "posterior",
    "probability_of_improvement",
    "ranks_p",
    "reachable_margin",
    "tail_of",
    "tails_of",
    "withheld_for",
]
