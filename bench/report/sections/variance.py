"""Where the spread of scores comes from: split, initial weights, order of the batches."""

from bench.comparison.scores import StudyScores
from bench.comparison.variance import split_variance
from bench.report.chart_data import chosen_rate, is_trained
from bench.report.content import Cell, Section, Table
from bench.report.numbers import NONE, number, percent, rate
from cfce.metrics import METRICS

SPREAD_METRICS = ("normalized_rmse", "accuracy", "nll")


def variance(scores: StudyScores) -> Section | None:
    """How much of each variant's spread comes from the split, the initial weights and the order of the batches.

    None where the study cannot tell them apart, as all vary together.
    """
    rows: list[tuple[Cell, ...]] = []
    notes: dict[str, None] = {}
    told_apart = False
    for name in SPREAD_METRICS:
        for configuration in scores.configurations.values():
            step = chosen_rate(scores, configuration, METRICS[name])
            if not is_trained(configuration) or step is None:
                continue
            found = split_variance(scores, configuration.name, name, step)
            shares = ", ".join(f"{source} {percent(share, 0)}" for source, share in found.shares.items() if share == share)
            told_apart |= sum(share == share for share in found.shares.values()) > 1
            rows.append(
                (
                    Cell(METRICS[name].label),
                    Cell(configuration.name),
                    Cell(rate(found.learning_rate), found.learning_rate),
                    Cell(str(found.n), found.n),
                    Cell(number(found.sd), found.sd),
                    Cell(shares or NONE),
                )
            )
            notes[found.text] = None
    if not told_apart:
        return None
    head = ("score", "variant", "learning rate", "n", "sd", "share of the variance")
    return Section(
        "variance",
        "Where the spread comes from",
        sentences=("At the learning rate that valid chose: the variance over trials by source, by the method of moments.",),
        tables=(
            Table("variance", f"Spread on {scores.study.evaluation_part} by source", head, tuple(rows), frozenset({2, 3, 4})),
        ),
        notes=tuple(note for note in notes if note),
    )
