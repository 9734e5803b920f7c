"""Verdicts in words, never stronger than the test behind them."""

from bench.comparison.metric import Metric
from bench.comparison.verdict import Verdict


def sentence(verdict: Verdict, metric: Metric) -> str:
    """One sentence about a verdict: what is so, by how much, with its interval, its n and its corrected p-value."""
    a, b, on = verdict.a, verdict.b, f"{metric.label} on {verdict.part}"
    caution = " (the learning rate was chosen on the same ratings, which flatters whoever had more to choose from)"
    caution = caution if verdict.chosen_there else ""
    if verdict.n < 2:
        unit = "split" if verdict.of_ensembles else "seed"
        return (
            f"Undecided: {a} differs from {b} by {verdict.difference:+.4f} in {on}, but in one {unit}, "
            f"which says nothing of the next{caution}."
        )
    caution = f"; {verdict.warning}{caution}" if verdict.warning and verdict.verdict != "undecided" else caution
    size = f"{abs(verdict.difference):.4f}"
    ends = sorted((verdict.low, verdict.high) if verdict.difference >= 0 else (-verdict.low, -verdict.high))
    interval = f"95 % interval {ends[0]:.4f} to {ends[1]:.4f}"
    units = _units(verdict)
    if verdict.verdict == "equivalent":
        return (
            f"{a} and {b} are equivalent in {on}: they differ by {size} ({interval}, {units}), "
            f"within the {verdict.margin:g} that counts as no difference in practice{caution}."
        )
    if verdict.verdict in ("better", "worse"):
        small = verdict.margin is not None and ends[0] < verdict.margin
        doubt = f", though perhaps by less than the {verdict.margin:g} that matters in practice" if small else ""
        wider = "; it might not hold for other ratings than these" if verdict.p_overlap > 0.05 else ""
        return (
            f"{a} is {verdict.verdict} than {b} in {on} by {size} ({interval}, {units}, "
            f"Holm p {_p(verdict.p_holm)}){doubt}{wider}{caution}."
        )
    more = (
        f"no verdict is given: {verdict.reason}"
        if verdict.reason and not verdict.further_seeds and not verdict.reason.startswith("the users of")
        else f"about {verdict.further_seeds:,} further splits (each with as many seeds) would probably decide it"
        if verdict.further_seeds and verdict.of_ensembles
        else f"about {verdict.further_seeds:,} further seeds (each on a split of its own) would probably decide it"
        if verdict.further_seeds and verdict.n_splits > 1
        else f"about {verdict.further_seeds:,} further seeds would probably decide it"
        if verdict.further_seeds
        else f"more seeds would not decide it: {verdict.reason}"
    )
    return f"Undecided: {a} and {b} differ by {size} in {on} ({interval}, {units}, Holm p {_p(verdict.p_holm)}); {more}{caution}."


def _units(verdict: Verdict) -> str:
    if verdict.n_splits > 1:
        seeds = f" with {verdict.n_pairs} pairs" if verdict.n_pairs > verdict.n_splits else ""
        return f"{verdict.n_splits} splits{seeds}"
    return f"{verdict.n_pairs} seeds on one split"


def _p(p: float) -> str:
    return "< 0.0001" if p < 0.0001 else f"= {p:.4f}"
