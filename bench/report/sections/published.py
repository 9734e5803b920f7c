"""The published numbers that a reader comes with, beside this study's distribution of the same quantity."""

from collections.abc import Callable, Sequence

from bench.comparison.configurations import Configuration
from bench.comparison.published import PUBLISHED, Published
from bench.comparison.scores import StudyScores
from bench.report.content import Cell, Section, Table
from bench.report.numbers import Spread, number, percent, plus_minus, rate
from bench.study.record import Record
from cfce.metrics import never_predicted, recall_by_level

PUBLISHED_OPTIONS: dict[str, int | float | str] = {
    "epochs": 5,
    "batch_size": 64,
    "weight_decay": 0.1,
    "n_factors": 50,
    "optimizer": "adam",
    "head_init": "random",
}
"""What every published training had, of the options that its variant has: a regression has no head."""

BLOG = "blog of 2024-07-01"


def published(scores: StudyScores) -> Section | None:
    """Our distribution of each published number by sampler, where the published one falls, and which conclusions hold.

    None where the study has no training with the published data and options.
    """
    if scores.study.settings["data"]["dataset"] != "ml-100k":
        return None
    found = _found(scores)
    if not found:
        return None
    protocol = ", ".join(scores.study.protocols)
    rows = tuple(row for (one, sampler), records in found.items() for row in _rows(scores, one, sampler, records, protocol))
    head = (
        "source", "variant", "learning rate", "score", "published", "its sampler",
        "our sampler", "our protocol", "mean ± sd", "min", "max", "n", "the published one is",
    )  # fmt: skip
    same = "" if protocol == "random-80-20" else f" Ours is {protocol}: its valid part is another tenth of the ratings."
    conclusions = tuple(
        line
        for sampler in dict.fromkeys(sampler for _, sampler in found)
        for line in _conclusions(scores, {one: records for (one, ours), records in found.items() if ours == sampler}, sampler)
    )
    return Section(
        "published",
        "Beside the published numbers",
        sentences=(
            "All are scores on valid after 5 epochs, of one seed each; their protocol is random-80-20. fastai's loaders drew a "
            "permutation of the ratings each epoch when the book was written, and draw with replacement (bootstrap) since 2.7.15."
            + same,
        ),
        tables=(Table("published", "Published numbers in our distributions", head, rows, frozenset({2, 4, 8, 9, 10, 11})),),
        items=conclusions,
    )


def _found(scores: StudyScores) -> dict[tuple[Published, str], list[Record]]:
    """Our trainings of each published one by sampler, and by engine and device too where there are several."""
    found: dict[tuple[Published, tuple[str, str]], list[Record]] = {}
    for one in PUBLISHED:
        for configuration in scores.configurations.values():
            if configuration.variant == one.variant and (records := _alike(configuration, one)):
                trial = records[0].trial
                found.setdefault((one, (str(trial.options["sampler"]), f"{trial.engine}, {trial.device}")), records)
    several = len({where for _, (_, where) in found}) > 1
    return {(one, f"{sampler} ({where})" if several else sampler): ours for (one, (sampler, where)), ours in found.items()}


def _alike(configuration: Configuration, one: Published) -> list[Record]:
    """The finished trials of a configuration with the published options."""
    return [
        record
        for record in configuration.trials.get(one.learning_rate, ())
        if record.status == "ok"
        and record.history
        and all(record.trial.options.get(name, value) == value for name, value in PUBLISHED_OPTIONS.items())
    ]


def _rows(scores: StudyScores, one: Published, sampler: str, records: Sequence[Record], protocol: str) -> list[tuple[Cell, ...]]:
    ours: tuple[tuple[str, float | None, Callable[[Record], float]], ...] = (
        ("train loss", one.train_loss, lambda record: record.history[-1].train_loss),
        ("valid loss", one.valid_loss, lambda record: record.history[-1].valid_loss),
        ("accuracy", one.accuracy, lambda record: scores.score(record.trial_id, "valid", "accuracy")),
    )
    rows: list[tuple[Cell, ...]] = []
    for what, value, of in ours:
        if value is None:
            continue
        numbers = [of(record) for record in records]
        spread = Spread.of(numbers)
        rows.append(
            (
                Cell(one.source),
                Cell(one.variant),
                Cell(rate(one.learning_rate), one.learning_rate),
                Cell(what),
                Cell(number(value), value),
                Cell(one.sampler),
                Cell(sampler),
                Cell(protocol),
                Cell(plus_minus(spread), spread.mean),
                Cell(number(spread.low), spread.low),
                Cell(number(spread.high), spread.high),
                Cell(str(spread.n), spread.n),
                Cell(where(value, numbers, spread)),
            )
        )
    return rows


def where(value: float, numbers: Sequence[float], spread: Spread) -> str:
    """Where a number falls among others, in words.

    >>> where(2.5, [1.0, 2.0, 3.0], Spread.of([1.0, 2.0, 3.0]))
    'above 2 of 3, 0.5 sd above the mean'
    """
    below = sum(one < value for one in numbers)
    place = (
        f"above all {spread.n}" if below == spread.n else f"below all {spread.n}" if not below else f"above {below} of {spread.n}"
    )
    if not spread.sd > 0:
        return place
    distance = (value - spread.mean) / spread.sd
    return f"{place}, {abs(distance):.1f} sd {'above' if distance >= 0 else 'below'} the mean"


def _conclusions(scores: StudyScores, found: dict[Published, list[Record]], sampler: str) -> list[str]:
    """The blog's conclusions, each with how many of our trainings under a sampler bear it out."""
    trained = {(one.variant, one.learning_rate): records for one, records in found.items() if one.source == BLOG}
    sigmoid, slow, fast = (trained.get(key, []) for key in (("ce-sigmoid", 5e-3), ("ce", 5e-3), ("ce", 0.1)))
    lines = []
    if slow and fast:
        gains = _paired(scores, fast, slow)
        lines.append(_gain("ce is more accurate at 0.1 than at 0.005 (published: by 0.0512)", gains))
    if slow and sigmoid:
        gains = _paired(scores, slow, sigmoid)
        lines.append(_gain("ce and ce-sigmoid are as accurate at 0.005 (published: ce by 0.0007)", gains))
    if sigmoid:
        lines.append(f"'The model did not predict any 5s' (ce-sigmoid, 0.005): so in {_silent(scores, sigmoid, [4])}.")
    if slow:
        lines.append(f"'Not predicting any 1s or 2s' (ce, 0.005): so in {_silent(scores, slow, [0, 1])}.")
    if fast:
        recalls = [recall_by_level(scores.parts[one.trial_id, "valid"].confusion) for one in fast if _has(scores, one)]
        spread = Spread.of(recall[3] for recall in recalls if len(recall) == 5)
        lines.append(
            f"62 % of the 4s right (ce, 0.1): ours {percent(spread.mean)}, "
            f"from {percent(spread.low)} to {percent(spread.high)} in {spread.n} trainings."
        )
    return [f"Sampler {sampler}. {line}" for line in lines]


def _has(scores: StudyScores, record: Record) -> bool:
    return (record.trial_id, "valid") in scores.parts


def _paired(scores: StudyScores, a: Sequence[Record], b: Sequence[Record]) -> list[float]:
    """Differences of accuracy on valid between trainings that share split, seed and order."""
    sides = [
        {(one.trial.split, one.trial.seed, one.trial.order): scores.score(one.trial_id, "valid", "accuracy") for one in records}
        for records in (a, b)
    ]
    return [sides[0][key] - sides[1][key] for key in sides[0] if key in sides[1]]


def _gain(claim: str, gains: Sequence[float]) -> str:
    spread = Spread.of(gains)
    above = sum(one > 0 for one in gains)
    return (
        f"{claim}: the first is above the second in {above} of {spread.n} seeds, "
        f"by {plus_minus(spread)} (from {number(spread.low)} to {number(spread.high)})."
    )


def _silent(scores: StudyScores, records: Sequence[Record], levels: Sequence[int]) -> str:
    never = [never_predicted(scores.parts[one.trial_id, "valid"].confusion) for one in records if _has(scores, one)]
    return f"{sum(all(level in one for level in levels) for one in never)} of {len(never)} trainings"
