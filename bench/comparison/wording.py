"""Verdicts in words, never stronger than the test behind them."""

from dataclasses import replace

from bench.comparison.digits import p_value, places
from bench.comparison.verdict import Verdict
from bench.statistics import Estimate, Further
from cfce.metrics import METRICS
from cfce.text import counted

MOST_OF_CHOICE = 0.5
"""Share of the variance from choosing learning rates above which it is said."""


def worded(verdict: Verdict) -> Verdict:
    """The verdict with its text."""
    return replace(verdict, text=" ".join([sentence(verdict), *filter(None, [scope(verdict), caution(verdict)])]))


def sentence(verdict: Verdict) -> str:
    """The verdict in one sentence: what is so, by how much, with its interval, its n and its corrected p-value."""
    a, b, on = verdict.a, verdict.b, f"{METRICS[verdict.metric].label} on {verdict.part}"
    decimals = places((verdict.high - verdict.low) / 2)
    size = f"{abs(verdict.difference):.{decimals}f}"
    leads = verdict.leads if float(size) else "they differ"
    if "one unit" in verdict.withheld:
        unit = "seed" if "with this seed" in verdict.generalises_to and not verdict.of_ensembles else "split"
        nothing = f"but in one {unit}, which says nothing of the next"
        return f"Undecided between {a} and {b} in {on}: {leads} by {size}, {nothing}."
    low, high = sorted((verdict.low, verdict.high) if verdict.difference >= 0 else (-verdict.low, -verdict.high))
    interval = f"95 % interval {low:.{decimals}f} to {high:.{decimals}f}, {_units(verdict)}"
    if verdict.verdict == "equivalent":
        return (
            f"{a} and {b} are equivalent in {on}: {leads} by {size} ({interval}), "
            f"within the {verdict.margin:g} that counts as no difference in practice."
        )
    tested = f"{interval}, {'primary' if verdict.standing == 'primary' else 'Holm'} p {_told(verdict.p_holm)}"
    if verdict.verdict in ("better", "worse"):
        small = verdict.margin is not None and low < verdict.margin
        doubt = f", though perhaps by less than the {verdict.margin:g} that matters in practice" if small else ""
        return f"{a} is {verdict.verdict} than {b} in {on} by {size} ({tested}){doubt}."
    return f"Undecided between {a} and {b} in {on}: {leads} by {size} ({tested}); {_what_would_decide(verdict)}."


def scope(verdict: Verdict) -> str:
    """What a decided verdict is about, and whether it holds for other data too; empty where nothing is claimed."""
    if verdict.verdict == "undecided":
        return ""
    other = verdict.verdict_other_data
    also = f"; for other data of this size it is {other}" if other else ""
    also = ", and for other data of this size" if other == verdict.verdict else also
    return f"This holds for {verdict.generalises_to} of this data{also}."


def caution(verdict: Verdict) -> str:
    """What weakens the verdict or its interval, beside what holds for a whole table; empty where nothing does."""
    parts = [*_losses(verdict), *_tails(verdict)]
    if "few users" in verdict.caveats:
        parts.append(f"the {verdict.part} ratings weigh as those of {_users(verdict)} only")
    if verdict.of_choice > MOST_OF_CHOICE:
        share = f"{100 * verdict.of_choice:.0f} % of the variance"
        parts.append(f"other trainings might choose other learning rates, the source of {share}")
    edges = [f"that of {side.configuration}, {side.learning_rate:g}, is the {side.edge}" for side in verdict.sides if side.edge]
    if edges:
        parts.append(f"a learning rate at an end of its grid was chosen: {' and '.join(edges)}")
    if verdict.chosen_there:
        parts.append("the learning rate was chosen on the same ratings, which flatters the variant with more to choose from")
    return f"Caution: {'; '.join(parts)}." if parts else ""


def _losses(verdict: Verdict) -> list[str]:
    """The lost trainings, and the difference with each of them scored as the constant."""
    said = [_lost(verdict)] if "lost trainings" in verdict.caveats and "lost trainings" not in verdict.withheld else []
    found = verdict.imputed
    if found is not None:
        decimals = places((found.high - found.low) / 2)
        interval = f" (95 % interval {found.low:+.{decimals}f} to {found.high:+.{decimals}f})" if found.low == found.low else ""
        what = f"{verdict.a} minus {verdict.b} is {found.difference:+.{decimals}f}{interval}"
        said.append(f"with each lost training scored as the constant, {what}")
    return said


def _tails(verdict: Verdict) -> list[str]:
    """The sides whose scores have a heavy tail, and the difference that does not feel it."""
    said = []
    for side in verdict.sides:
        rates = [f"{rate:g}" for rate in side.tailed if rate == rate]
        at = f" at learning rate{'s' if len(rates) > 1 else ''} {', '.join(rates)}" if rates else ""
        said += [f"{side.configuration}{at}"] if side.tailed else []
    if not said:
        return []
    robust = verdict.interquartile
    decimals = places((robust.high - robust.low) / 2) if robust else 0
    middle = f" (of interquartile means, {verdict.a} minus {verdict.b} is {robust.value:+.{decimals}f})" if robust else ""
    return [f"the scores of {' and of '.join(said)} have a heavy tail, which a mean over few trainings may miss{middle}"]


def _what_would_decide(verdict: Verdict) -> str:
    """Why nothing is decided, or what would decide it."""
    if verdict.withheld:
        return f"no verdict is given, as {' and '.join(_withheld(reason, verdict) for reason in verdict.withheld)}"
    return "more of the same would change nothing" if verdict.further is None else further_words(verdict.further, verdict)


def further_words(found: Further, verdict: Verdict) -> str:
    """What would decide, in words."""
    if found.cannot:
        margin = "" if verdict.margin is None else f", more than the margin of {verdict.margin:g}"
        alone = f"the users of this data alone leave it uncertain by {found.users_alone:.4f}{margin}"
        return f"more {found.unit} would not decide it: {alone}"
    each = ""
    if found.unit == "splits" and (verdict.of_ensembles or verdict.n_pairs > verdict.n_splits):
        each = " (each with as many seeds)"
    if found.median is None:
        return f"it would probably take more than 10,000 further {found.unit}{each} to decide it"
    unit = found.unit if found.median > 1 else found.unit[:-1]
    high = "more than 10,000" if found.high is None else f"{found.high:,}"
    return f"about {found.median:,} further {unit}{each} would decide it (80 % range {found.low:,} to {high})"


def _withheld(reason: str, verdict: Verdict) -> str:
    """Why no verdict is given, as a clause."""
    if reason == "one shared seed":
        every = verdict.estimate.n_seeds == 1
        same = "every split has the same seed" if every else "several splits have the same seed, with no other beside it,"
        return f"{same} and other seeds may turn it: run more seeds (--seeds, without --crossed)"
    if reason == "few users":
        return f"the {verdict.part} ratings weigh as those of {_users(verdict)}, too few for one"
    if reason == "lost trainings":
        return f"{_lost(verdict)} and the survivors may be the lucky ones"
    if reason == "unequal ensembles":
        sizes = " and ".join(f"{side.configuration} of {counted(side.members, 'training')}" for side in verdict.sides)
        return f"they are of different sizes, {sizes}, and the mean of more is better: train as many seeds of both"
    return reason


def _lost(verdict: Verdict) -> str:
    """The lost trainings of both sides in words."""
    lost = [side for side in verdict.sides if side.lost]
    return " and ".join(
        f"{side.lost} of {side.total} trainings of {side.configuration} {'was' if side.lost == 1 else 'were'} lost"
        for side in lost
    )


def _users(verdict: Verdict) -> str:
    return counted(round(verdict.effective_users), "user")


def _units(verdict: Verdict) -> str:
    found = verdict.estimate
    if found.n_splits == 1:
        return f"{found.n_fits} {'seeds' if 'seeds' in found.generalises_to else 'fits'} on one split"
    pairs = f" with {found.n_fits} pairs" if found.n_fits > found.n_splits else ""
    return f"{found.n_splits} splits{pairs}{_shared(found)}"


def _shared(found: Estimate) -> str:
    """The seeds that splits share."""
    if not found.n_shared_seeds:
        return ""
    if found.n_seeds > found.n_shared_seeds:
        return f" of {found.n_seeds} seeds, {found.n_shared_seeds} in several splits"
    return f" of {counted(found.n_shared_seeds, 'shared seed')}"


def _told(p: float) -> str:
    """A p-value with its sign of equality."""
    told = p_value(p)
    return told if told.startswith("<") else f"= {told}"
