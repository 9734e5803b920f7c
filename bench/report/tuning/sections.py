"""Sections of a tuning: what was searched, the score to expect of a budget, what was chosen, and what decided."""

import math
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bench.comparison.verdict import Verdict
from bench.plan.presets import PRESETS
from bench.report.content import Cell, Code, Image, Section, Table
from bench.report.numbers import NONE, number
from bench.tuning.expected_best import Curve
from bench.tuning.history import History
from bench.tuning.importance import importance
from bench.tuning.sampler import RANDOM_FIRST
from bench.tuning.terms import IN_FLIGHT, NEVER_PRUNED, Terms
from bench.variants.variant import VARIANTS
from cfce.metrics import METRICS
from cfce.options import shown
from cfce.text import counted, listed

SHOWN_BUDGETS = (1, 2, 5, 10, 20, 50, 100, 200, 500)


def fairness(histories: Sequence[History]) -> Section:
    """What every variant was given, and what it used."""
    terms = histories[0].terms
    metric = METRICS[terms.metric]
    limit = f", or until {terms.seconds:g} s of training" if terms.seconds is not None else ""
    rows = tuple(
        (
            Cell(one.variant),
            Cell(str(len(one.tried)), len(one.tried)),
            *(Cell(str(n), n) for n in (_count(one, "complete"), _count(one, "pruned"), _count(one, "lost"))),
            Cell(f"{one.seconds:.1f}", one.seconds),
            Cell(number(one.tried[0].score), one.tried[0].score),
            Cell(number(one.chosen.score) if one.chosen else NONE, one.chosen.score if one.chosen else None),
        )
        for one in histories
    )
    head = ("variant", "settings", "complete", "pruned", "lost", "seconds of training", "defaults", "chosen")
    return Section(
        "tuning",
        "Tuned alike",
        sentences=(
            f"Each variant was given {terms.budget} settings{limit}, drawn by {terms.sampler} (seed {terms.seed}) from the "
            f"ranges that its options declare; the first is its defaults{_at_random(terms)}. A setting is scored by "
            f"{metric.label} on valid, over the same {counted(terms.splits, 'split')} for all, with fresh seeds. One that is "
            f"worse on the first split than the median of those before it is pruned, from setting {NEVER_PRUNED + 1} on: it is "
            "not trained on the others. The chosen setting, the best mean on valid, is trained anew with "
            f"{counted(terms.seeds, 'new seed')} a split, and these trainings alone are judged, on test. No prediction of test "
            "is read by a search; but the splits share ratings, so that a test rating of one is a valid rating of another.",
        ),
        tables=(
            Table(
                "tuning",
                f"What each search was given and found: {metric.label} on valid",
                head,
                rows,
                frozenset(range(1, 8)),
                sortable=True,
            ),
        ),
    )


def _at_random(terms: Terms) -> str:
    """How many settings no score has a part in, as a clause."""
    if terms.sampler != "tpe":
        return ""
    blind = min(IN_FLIGHT - 1 + RANDOM_FIRST, terms.budget)
    return f", and the {blind - 1} after it are drawn at random" if blind > 1 else ""


def budget(histories: Sequence[History], curves: Sequence[Curve], images: Sequence[Image]) -> Section:
    """The expected best score of a budget, and who leads at it."""
    metric = METRICS[histories[0].terms.metric]
    sign = -metric.gain(1.0)
    most = min(len(one.mean) for one in curves)
    shown_at = [n for n in SHOWN_BUDGETS if n < most] + [most]
    rows = []
    for n in shown_at:
        means = [float(curve.mean[n - 1]) for curve in curves]
        least = min((one for one in means if math.isfinite(one)), default=math.nan)
        for history, curve, mean in zip(histories, curves, means, strict=True):
            ends = sorted((sign * float(curve.low[n - 1]), sign * float(curve.high[n - 1])))
            seconds = n * history.seconds / len(history.tried)
            rows.append(
                (
                    Cell(str(n), n),
                    Cell(history.variant),
                    Cell(number(sign * mean), sign * mean, best=mean == least and len(means) > 1),
                    Cell(f"[{ends[0]:.4f}, {ends[1]:.4f}]" if math.isfinite(mean) else NONE),
                    Cell(f"{seconds:.1f}", seconds),
                )
            )
    adaptive = histories[0].terms.sampler != "random"
    caution = (
        "TPE draws later settings where earlier ones were good, so its settings are no independent draws: the curve is of "
        "this search's "
        "settings in random order, and a search of fewer settings, which has learnt less, would do somewhat worse. Use "
        "--sampler random for a "
        "curve without that."
        if adaptive
        else "The settings are independent draws, so the curve is what another random search of so many settings is expected to "
        "find."
    )
    return Section(
        "budget",
        "Which is better at which budget",
        sentences=(
            f"The best {metric.label} on valid that n settings are expected to find: the mean over all subsets of n of the "
            "settings that were "
            "tried (Dodge et al. 2019; unbiased as in Tang et al. 2020), with 95 % intervals from a bootstrap over the "
            "settings. A pruned "
            "setting counts with its first split, shifted by what the other splits differ. Near the whole budget the interval "
            "is too "
            f"narrow, as no resample holds a better setting than the best. {caution}",
            *_leads(histories, curves, shown_at),
        ),
        tables=(
            Table(
                "budget",
                f"Expected best {metric.label} on valid",
                ("settings", "variant", "expected best", "95 % interval", "seconds of training"),
                tuple(rows),
                frozenset({0, 2, 4}),
                filters=(0, 1),
                sortable=True,
            ),
        ),
        images=tuple(images),
    )


def _leads(histories: Sequence[History], curves: Sequence[Curve], budgets: Sequence[int]) -> list[str]:
    """Who is ahead at each budget, and of how many others the interval of the difference excludes 0; lost searches aside."""
    metric = METRICS[histories[0].terms.metric]
    told: list[tuple[str, list[int]]] = []
    for n in budgets:
        known = [one for one in range(len(curves)) if np.isfinite(curves[one].mean[n - 1])]
        if len(known) < 2:
            continue
        first, *others = sorted(known, key=lambda one: curves[one].mean[n - 1])
        apart = [curves[one].replicates[:, n - 1] - curves[first].replicates[:, n - 1] for one in others]
        level = [histories[one].variant for one, found in zip(others, apart, strict=True) if not np.nanquantile(found, 0.025) > 0]
        name = histories[first].variant
        text = (
            f"{name} is ahead of all others"
            if not level
            else f"{name} leads, but the interval of its difference to {listed(level)} holds 0"
        )
        if told and told[-1][0] == text:
            told[-1][1].append(n)
        else:
            told.append((text, [n]))
    at = [f"at {_numbers(budgets)} {text}" for text, budgets in told]
    said = [f"In {metric.label} on valid, by settings: {'; '.join(at)}."] if at else []
    lost = [history.variant for history, curve in zip(histories, curves, strict=True) if not np.isfinite(curve.mean).any()]
    return [*said, f"Every setting of {listed(lost)} was lost, so there is no curve."] if lost else said


def chosen(histories: Sequence[History], data: Mapping[str, Any]) -> Section:
    """The settings that were chosen, with ends of ranges marked, and the commands that train them."""
    names = list(dict.fromkeys(name for one in histories for name in one.space.ordered))
    rows = []
    for one in histories:
        edges = dict(one.edges())
        cells = [Cell(one.variant)]
        for name in names:
            value = None if one.chosen is None else one.chosen.options.get(name)
            searched = one.chosen is not None and one.space.range_of(name, one.chosen.options) is not None
            text = (
                NONE if value is None or not searched else f"{_short(value)}{' (' + edges[name] + ')' if name in edges else ''}"
            )
            cells.append(Cell(text, value if isinstance(value, int | float) and not isinstance(value, bool) else None))
        rows.append(tuple(cells))
    at_edges = [
        f"{one.variant}: {', '.join(name.replace('_', ' ') for name, _ in one.edges())}" for one in histories if one.edges()
    ]
    caution = (
        f"At an end of its range, so that a wider one (--space) may do better: {'; '.join(at_edges)}."
        if at_edges
        else "No chosen option lies at an end of its range."
    )
    return Section(
        "chosen",
        "The settings that were chosen",
        sentences=(caution,),
        tables=(
            Table(
                "chosen",
                "Chosen settings; an option that is not searched there has a dash",
                ("variant", *(name.replace("_", " ") for name in names)),
                tuple(rows),
                frozenset(range(1, len(names) + 1)),
            ),
        ),
        codes=tuple(Code(f"{one.variant}, tuned", command(one, data), "sh", copy=True) for one in histories if one.chosen),
    )


def command(history: History, data: Mapping[str, Any]) -> str:
    """The command that trains a chosen setting on the same splits; options at their defaults that no preset sets are left out."""
    assert history.chosen is not None
    terms = history.terms
    variant = VARIANTS.get(history.variant)
    defaults = {} if variant is None else {name: one.default for name, one in variant.options.items()} | dict(variant.defaults)
    words = ["bench", "run", "--variants", history.variant]
    words += ["--data", data["path"]] if data.get("path") else ["--dataset", data["dataset"]]
    for name, value in (data.get("options") or {}).items():
        words += [f"--{name.replace('_', '-')}", str(value)]
    words += ["--protocol", terms.protocol, "--splits", str(terms.splits), "--seeds", str(terms.seeds)]
    for name, value in history.chosen.options.items():
        if name in PRESETS["default"].options or name not in defaults or value != defaults[name]:
            words += ["--option", f"{name}={shown(value) if isinstance(value, bool) else value}"]
    words += ["--out", f"reports/{history.variant}-tuned"]
    return shlex.join(words)


def decisive(histories: Sequence[History], images: Sequence[Image]) -> Section:
    """Which options decide, and the scores over them."""
    rows = []
    for one in histories:
        scores = one.scores()
        for name in one.space.ordered:
            inside = np.array([one.space.range_of(name, tried.options) is not None for tried in one.tried]) & np.isfinite(scores)
            values = [tried.options[name] for tried, kept in zip(one.tried, inside, strict=True) if kept]
            found = importance(values, [one.terms.loss(float(score)) for score in scores[inside]])
            range_ = " / ".join(each.text for each in one.space.ranges[name])
            rows.append((Cell(one.variant), Cell(name.replace("_", " ")), Cell(range_), Cell(number(found, 2), found)))
    return Section(
        "options",
        "Which options decide",
        sentences=(
            "Importance is the share of the spread of the settings' ranks that an option alone explains, less what chance "
            "gives (epsilon "
            "squared over five groups of its values). A search that follows good scores tries few bad values, which makes an "
            "option look less "
            "important. In the slices a filled mark is a setting that was trained on all splits, a hollow one was pruned (its "
            "score is "
            "estimated), the star was chosen; in the lines the best quarter is dark and the chosen setting orange.",
        ),
        tables=(
            Table(
                "options",
                "Options, their ranges and their importance",
                ("variant", "option", "range", "importance"),
                tuple(rows),
                frozenset({3}),
                filters=(0, 1),
                sortable=True,
            ),
        ),
        images=tuple(images),
    )


def against_defaults(found: Mapping[str, Sequence[Verdict]], part: str) -> Section:
    """What tuning gained over the defaults, by variant, on the part that claims are made on."""
    rows = []
    for name, verdicts in found.items():
        for one in verdicts:
            interval = f" [{one.low:.4f}, {one.high:.4f}]" if math.isfinite(one.low) else ""
            rows.append(
                (
                    Cell(name),
                    Cell(METRICS[one.metric].label),
                    Cell(number(one.score_b), one.score_b),
                    Cell(number(one.score_a), one.score_a),
                    Cell(f"{one.difference:+.4f}{interval}", one.difference),
                    Cell(one.verdict),
                )
            )
    same = [name for name, verdicts in found.items() if not verdicts]
    notes = (
        (f"The defaults were chosen, or one of the two was lost, so there is nothing to compare: {', '.join(same)}.",)
        if same
        else ()
    )
    return Section(
        "against-defaults",
        "Tuned against the defaults",
        sentences=(
            f"Both trained with the same new seeds on the same splits, judged on {part}. Each variant is a table of its own "
            "for the correction.",
        ),
        tables=(
            Table(
                "against-defaults",
                f"Tuned minus defaults on {part}",
                ("variant", "score", "defaults", "tuned", "difference [95 % CI]", "tuned is"),
                tuple(rows),
                frozenset({2, 3, 4}),
                filters=(0, 1, 5),
                sortable=True,
            ),
        ),
        notes=notes,
    )


def _count(history: History, state: str) -> int:
    return sum(one.state == state for one in history.tried)


def _short(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else shown(value)


def _numbers(values: Sequence[int]) -> str:
    """The budgets in words.

    >>> _numbers([1]), _numbers([1, 2, 5])
    ('1', '1 to 5')
    """
    return str(values[0]) if len(values) == 1 else f"{values[0]} to {values[-1]}"
