"""What the page's charts draw, as plain JSON values."""

from collections import defaultdict
from typing import Any

from bench.comparison.scores import StudyScores
from bench.report.again import command_again
from bench.report.chart_data import RATE_METRICS, ChartData, finite
from bench.report.short_names import short_names
from bench.report.style import look, looks
from cfce.metrics import METRICS

MOST_LETTERS = 44
"""Letters beside a row of the chart of timing."""
MOST_LEVELS = 20
"""Levels beyond which the page has the confusion at the chosen learning rate alone: K x K numbers each."""


def page_charts(scores: StudyScores, charts: ChartData) -> dict[str, Any]:
    """The numbers of every chart by name, and the look and short name of each configuration."""
    rates = sorted({curve.learning_rate for curve in charts.curves})
    found, timing = looks(charts), _seconds(scores)
    return {
        "part": charts.evaluation_part,
        "labels": list(charts.labels),
        "looks": {name: one.page for name, one in found.items()},
        "short": {**short_names(found), **short_names(timing, MOST_LETTERS)},
        "rates": {
            "metrics": [[name, METRICS[name].label, METRICS[name].higher_is_better] for name in RATE_METRICS],
            "dots": [
                [dot.configuration, dot.learning_rate, dot.split, dot.seed, *(finite(dot.scores[name]) for name in RATE_METRICS)]
                for dot in charts.dots
            ],
            "without_rate": {name: [finite(values[one]) for one in RATE_METRICS] for name, values in charts.without_rate.items()},
            "trials": _trials(scores, charts),
        },
        "confusion": [
            {
                "configuration": one.configuration,
                "rate": finite(one.learning_rate),
                "n": one.n,
                "chosen": one.chosen,
                "counts": [
                    [int(value) if value == int(value) else round(value, 2) for value in row] for row in one.counts.tolist()
                ],
            }
            for one in charts.confusions
            if one.chosen or len(charts.labels) <= MOST_LEVELS
        ],
        "reliability": [
            {"configuration": one.configuration, "curve": [[finite(value, 4) for value in row] for row in one.curve.tolist()]}
            for one in charts.reliabilities
        ],
        "curves": [
            {
                "configuration": one.configuration,
                "rate": one.learning_rate,
                "look": look(rates.index(one.learning_rate)).page[:2],
                "train": [finite(loss, 4) for loss in one.train],
                "mean": [finite(loss, 4) for loss in one.valid_mean],
                "valid": [[finite(loss, 4) for loss in losses] for losses in one.valid],
            }
            for one in charts.curves
        ],
        "timing": timing,
    }


def _trials(scores: StudyScores, charts: ChartData) -> dict[str, Any]:
    """The trial of each dot: its id, which command makes it, if any, and the number that ends that command."""
    plans = {trial_id: plan for plan in scores.study.plans for trial_id in plan["trial_ids"]}
    trials = {record.trial_id: record.trial for record in scores.study.distinct}
    commands: dict[str, int] = {}
    found: list[list[Any]] = []
    for dot in charts.dots:
        plan = plans.get(dot.trial_id)
        made = plan and command_again(plan, trials[dot.trial_id])
        found.append([dot.trial_id, commands.setdefault(f"{made[0]} ", len(commands)), made[1]] if made else [dot.trial_id])
    return {"commands": list(commands), "of": found}


def _seconds(scores: StudyScores) -> dict[str, list[float | None]]:
    """Seconds an epoch of every finished trial by engine, device and variant."""
    found: dict[str, list[float | None]] = defaultdict(list)
    frame = scores.results
    timed = frame[frame["seconds_per_epoch"].notna() & (frame["status"] == "ok")]
    for engine, device, variant, seconds in zip(
        timed["engine"], timed["device"], timed["variant"], timed["seconds_per_epoch"], strict=True
    ):
        found[f"{variant}, {engine}, {device}"].append(finite(float(seconds), 5))
    return dict(found)
