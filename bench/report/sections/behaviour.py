"""Sections on how the variants behave: learning rates, confusion, calibration, learning curves, cost."""

from collections import defaultdict

import numpy as np

from bench.comparison.scores import StudyScores
from bench.report.chart_data import ChartData
from bench.report.content import Cell, Image, Section, Table
from bench.report.levels import MOST, group_labels, in_runs
from bench.report.numbers import NONE, Spread, at_rate, percent, plus_minus, rate, significant

Images = dict[str, list[Image]]

COST_COLUMNS = ("seconds an epoch", "ratings a second", "fit seconds", "peak MB")
"""What the table of timings measures."""


def learning_rates(charts: ChartData, images: Images) -> Section | None:
    """Every trial's score by learning rate; None where nothing has one."""
    if not charts.dots:
        return None
    return Section(
        "learning-rates",
        "Learning rates",
        sentences=(
            f"Every mark is one training, scored on {charts.evaluation_part}; the lines go through the means. "
            "A seed far from its neighbours at the same rate is one that training did not free from its first weights.",
        ),
        images=tuple(images.get("learning-rates", ())),
        chart="rates",
    )


def confusion(charts: ChartData, images: Images) -> Section:
    """Confusion of each variant, recall by level, and the levels that are never predicted."""
    rows = []
    silent = []
    for one in charts.confusions:
        never = in_runs([level for level, count in enumerate(one.never) if count == one.n], charts.labels)
        some = [
            f"{label} ({count} of {one.n})" for label, count in zip(charts.labels, one.never, strict=True) if 0 < count < one.n
        ]
        some = some if len(some) <= MOST else [f"{len(some)} levels"]
        if never:
            told = " or ".join(never) if len(never) <= MOST else f"{one.never.count(one.n)} of {len(charts.labels)} ratings"
            silent.append(f"{one.configuration}{at_rate(one.learning_rate)} never predicts {told}")
        rows.append(
            (
                Cell(one.configuration),
                Cell(rate(one.learning_rate), one.learning_rate),
                Cell(str(one.n), one.n),
                *(Cell(percent(spread.mean), spread.mean) for spread in one.recall),
                Cell((", ".join(never) if len(never) <= MOST else f"{one.never.count(one.n)} levels") or NONE),
                Cell(", ".join(some) or NONE),
            )
        )
    recalls = [f"recall of {label}" for label in group_labels(charts.labels)]
    head = ("variant", "learning rate", "n", *recalls, "never", "never in some trials")
    said = f"{'; '.join(silent)}." if silent else "Every variant predicts every observed level in at least one trial."
    return Section(
        "confusion",
        "Confusion and recall",
        sentences=(
            f"Rows are the observed rating on {charts.evaluation_part}, columns the rating that was predicted (the mode of a "
            "distribution, or a regression rounded to the nearest level); means over trials.",
            said,
        ),
        tables=(Table("recall", "Recall by level", head, tuple(rows), frozenset(range(1, 3 + len(recalls)))),),
        images=tuple(images.get("confusion", ())),
        chart="confusion" if charts.confusions else None,
    )


def calibration(charts: ChartData, images: Images) -> Section:
    """Whether events come as often as they are predicted."""
    rows = tuple(
        (
            Cell(one.configuration),
            Cell(rate(one.learning_rate), one.learning_rate),
            Cell(str(one.error.n), one.error.n),
            Cell(plus_minus(one.error), one.error.mean),
        )
        for one in charts.reliabilities
    )
    head = ("variant", "learning rate", "n", "calibration error")
    return Section(
        "calibration",
        "Calibration",
        sentences=(
            "For each k below the highest rating, the event that a rating is at most k has a predicted probability; the curve "
            "shows its observed share. On the diagonal, what is predicted at 30 % occurs 30 times in 100. The error is the mean "
            f"gap over thresholds and ratings of {charts.evaluation_part}, at the rate that valid chose for NLL.",
        ),
        tables=(Table("calibration", "Calibration error, mean ± sd over trials", head, rows, frozenset({1, 2, 3})),),
        images=tuple(images.get("calibration", ())),
        chart="reliability" if charts.reliabilities else None,
    )


def learning_curves(charts: ChartData, images: Images) -> Section | None:
    """Losses by epoch; None where nothing was trained by epochs."""
    if not charts.curves:
        return None
    return Section(
        "learning-curves",
        "Learning curves",
        sentences=(
            "Valid loss by epoch, thin for each trial and thick for their mean; train loss (smoothed over batches) dotted. A "
            "regression's loss is its squared error and a classifier's its cross-entropy: the panels do not share a scale.",
        ),
        images=tuple(images.get("learning-curves", ())),
        chart="curves",
    )


def timing(scores: StudyScores) -> Section:
    """Seconds an epoch and ratings a second by engine and device: median and quartiles, the machine named."""
    environment = scores.study.environment
    frame = scores.results
    timed = frame[frame["seconds_per_epoch"].notna() & (frame["status"] == "ok")]
    hosts = timed["host"].fillna("") if "host" in timed else [""] * len(timed)
    nodes = sorted(set(hosts) - {""})
    groups: dict[tuple[str, str, str, str], list[int]] = defaultdict(list)
    for at, (engine, device, variant, host) in enumerate(
        zip(timed["engine"], timed["device"], timed["variant"], hosts, strict=True)
    ):
        groups[engine, device, host, "all"].append(at)
        groups[engine, device, host, variant].append(at)
    rows = []
    for (engine, device, host, variant), members in groups.items():
        found = timed.iloc[members]
        peak = Spread.of(found["peak_memory_mb"])
        fit = [float(one) for one in found["fit_seconds"]]
        rows.append(
            (
                Cell(engine),
                Cell(device),
                *((Cell(host or "the command's"),) if nodes else ()),
                Cell(variant),
                Cell(str(len(members)), len(members)),
                _quartiles([float(one) for one in found["seconds_per_epoch"]]),
                _quartiles([float(one) for one in found["ratings_per_second"]]),
                Cell(significant(float(np.median(fit))), float(np.median(fit))),
                Cell(significant(peak.high), peak.high),
            )
        )
    cuda = environment.get("cuda_device")
    on_cuda = any(device == "cuda" for _, device, _, _ in groups)
    said = (
        f"The CUDA device is {cuda}."
        if on_cuda
        else f"The machine has a CUDA device ({cuda}), but no trial of this study ran on it."
        if cuda
        else "No CUDA device was found, so there are no CUDA rows."
    )
    head = ("engine", "device", *(("node",) if nodes else ()), "variant", "n", *COST_COLUMNS)
    where = f"Measured on the nodes {', '.join(nodes)}; the command ran on" if nodes else "Measured on"
    sentences = [
        f"{where} {machine(environment)}. {said} Trials ran side by side, so these are times under load; 'bench time' "
        "measures one training at a time.",
    ]
    if not rows:
        sentences.append("No finished trial was trained by epochs, so nothing was timed.")
    caption = "Median (first to third quartile) over trials; the time of a fit, validation included"
    table = Table("timing", caption, head, tuple(rows), frozenset(range(head.index("n"), len(head))))
    links = tuple(name for name in ("timing.md", "growth.md") if (scores.study.path / name).exists())
    return Section(
        "timing", "Timing", tuple(sentences), tables=(table,) if rows else (), chart="timing" if rows else None, links=links
    )


def machine(environment: dict[str, object]) -> str:
    """The machine in words."""
    return f"{environment.get('cpu') or 'an unnamed CPU'}, {environment.get('cores')} cores, {environment.get('platform')}"


def _quartiles(values: list[float]) -> Cell:
    low, middle, high = np.percentile(values, (25, 50, 75))
    return Cell(f"{significant(middle)} ({significant(low)} to {significant(high)})", float(middle))
