"""Sections of scores: the leaderboard, the best of each variant, skill, and the decoder grid."""

from collections.abc import Iterable
from itertools import product

import numpy as np

from bench.comparison.choice import chosen_trials, trials_at
from bench.comparison.configurations import Configuration
from bench.comparison.part_scores import GRID
from bench.comparison.scores import StudyScores
from bench.report.chart_data import chosen_rate, is_trained
from bench.report.content import Cell, Section, Table
from bench.report.numbers import NONE, Spread, number, plus_minus, plus_minus_of, rate
from cfce.metrics import METRICS
from cfce.predictions import DECODERS

BOARD_FIRST = ("normalized_rmse", "normalized_accuracy")
"""What the leaderboard begins with; the other metrics that are on it follow."""


def board() -> tuple[str, ...]:
    """The scores of the leaderboard, each a column."""
    return (*BOARD_FIRST, *(name for name, metric in METRICS.items() if metric.on_board and name not in BOARD_FIRST))


def leaderboard(scores: StudyScores) -> Section:
    """Mean ± sd of every score by configuration and learning rate, ensembles too, on the part that claims are made on."""
    part = scores.study.evaluation_part
    rows: list[tuple[tuple[Cell, ...], int, dict[str, Spread]]] = []
    for configuration in scores.configurations.values():
        for step, records in configuration.trials.items():
            ids = [record.trial_id for record in records if (record.trial_id, part) in scores.parts]
            if ids:
                rows.append(_row(scores, configuration, step, configuration.name, ids, len(ids)))
        for step in configuration.trials:
            ids = [one.id for one in scores.ensembles if (one.configuration, one.learning_rate) == (configuration.name, step)]
            members = sum(one.n for one in scores.ensembles if one.id in ids)
            if ids:
                rows.append(_row(scores, configuration, step, f"{configuration.name}, seed ensemble", ids, members))
    best = {name: best_of(name, (found[name].mean for _, n, found in rows if found[name].n == n)) for name in board()}
    table = Table(
        id="leaderboard",
        caption=f"Scores on {part}: mean ± standard deviation over trials",
        head=("variant", "engine", "device", "sampler", "learning rate", "n", *(METRICS[name].label for name in board())),
        rows=tuple((*cells, *(_board_cell(found[name], n, best[name]) for name in board())) for cells, n, found in rows),
        numeric=frozenset(range(4, 6 + len(board()))),
        filters=(1, 2, 4),
        sortable=True,
        wide_only=frozenset({1, 2, 3}),
    )
    return Section(
        "leaderboard",
        "Scores by variant and learning rate",
        sentences=(
            "Accuracy and normalized accuracy, QWK (quadratic weighted kappa), higher is better; all others, lower is better. "
            "Normalized RMSE is RMSE / (highest rating - lowest); normalized accuracy is (accuracy - 1/K) / (1 - 1/K).",
            _how_distributions_come(scores),
        ),
        tables=(table,),
        notes=(
            *_impossible(scores),
            f"The best mean of each column is marked; the mark is a description of {part}, not a claim: claims are in the "
            "verdicts.",
            "A seed ensemble is the mean of the distributions of the trials that share a split; its n counts them, "
            "and its ± is over splits."
            if scores.ensembles
            else "No two trials of a variant share a learning rate and a split, so there is no seed ensemble; "
            "--splits with --seeds of 2 or more crosses them.",
        ),
    )


def _board_cell(spread: Spread, n: int, best: float) -> Cell:
    """A mean over ``n`` scores; one over the finite ones among them alone is never the best, as others may be infinitely bad."""
    return Cell(plus_minus_of(n, spread), spread.mean, spread.n == n and spread.mean == best)


def _impossible(scores: StudyScores) -> list[str]:
    """What makes an NLL infinite: configurations that gave an observed level probability 0, and how often."""
    part, lines = scores.study.evaluation_part, []
    for configuration in scores.configurations.values():
        parts = [scores.parts[one.trial_id, part] for one in configuration.records if (one.trial_id, part) in scores.parts]
        count, total = sum(one.impossible for one in parts), sum(one.n for one in parts)
        if count:
            lines.append(
                f"{configuration.name} gave {count:,} of {total:,} observed ratings probability 0, so its NLL is infinite there: "
                "the mean is of the other trials, and is not marked."
            )
    return lines


def _how_distributions_come(scores: StudyScores) -> str:
    text = (
        "A regression's distribution is the normal around its prediction, cut at the midpoints between levels with the tails "
        "in the end levels, its sigma fitted on valid by likelihood"
    )
    sigmas, temperatures = Spread.of(scores.sigmas.values()), Spread.of(scores.temperatures.values())
    text += f" (here {number(sigmas.low, 3)} to {number(sigmas.high, 3)})." if sigmas.n else "."
    text += " Every other distribution has one fitted parameter too, a temperature"
    text += f" (here {number(temperatures.low, 3)} to {number(temperatures.high, 3)})" if temperatures.n else ""
    return f"{text}; NLL and RPS are of these, raw NLL of the distribution as predicted."


def _row(
    scores: StudyScores, configuration: Configuration, step: float, name: str, ids: list[str], n: int
) -> tuple[tuple[Cell, ...], int, dict[str, Spread]]:
    """The first cells of a row, how many scores each of its means is of, and their spreads."""
    trial = configuration.records[0].trial
    shown = Cell(rate(step), step) if is_trained(configuration) else Cell(NONE, 0.0)
    cells = (
        Cell(name),
        Cell(trial.engine),
        Cell(trial.device),
        Cell(str(trial.options.get("sampler", NONE))),
        shown,
        Cell(str(n), n),
    )
    part = scores.study.evaluation_part
    return cells, len(ids), {score: Spread.of(scores.score(one, part, score) for one in ids) for score in board()}


def best_of(name: str, means: Iterable[float]) -> float:
    """The best of some means of a score; NaN for none."""
    finite = [mean for mean in means if np.isfinite(mean)]
    if not finite:
        return float("nan")
    return max(finite) if METRICS[name].higher_is_better else min(finite)


def skills(scores: StudyScores) -> Section:
    """Skill against the baselines, beside the normalisations by span and chance."""
    part = scores.study.evaluation_part
    names = ("skill_rmse", "skill_accuracy", "skill_nll")
    judged = ("rmse", "accuracy", "nll")
    against = {reference: scores.against(reference).set_index("trial_id") for reference in ("constant", "bias")}
    rows = []
    for configuration in scores.configurations.values():
        cells = [Cell(configuration.name)]
        for reference, frame in against.items():
            for name, score in zip(names, judged, strict=True):
                ids = chosen_trials(scores, configuration, METRICS[score])
                column = f"{part}_{name}"
                same = reference == configuration.variant
                values = [] if same or column not in frame else [float(frame[column][one]) for one in ids]
                spread = Spread.of(values)
                cells.append(Cell(plus_minus_of(len(values), spread, 3), spread.mean))
        rows.append(tuple(cells))
    head = ("variant", *(f"{METRICS[score].label}, over {reference}" for reference in against for score in judged))
    return Section(
        "skill",
        "Skill over the baselines",
        sentences=(
            "Skill is 1 - score / score of the baseline; for accuracy it is that of the error rate, "
            "(accuracy - baseline's) / (1 - baseline's). 0 is no better than the baseline, 1 is perfect. "
            "The constant predicts the shares of the levels in train, the bias adds user and item biases: "
            "chance, 1/K, is a weaker yardstick than either.",
        ),
        tables=(Table("skill", f"Skill on {part}, at the rates chosen on valid", head, tuple(rows), frozenset(range(1, 7))),),
    )


def decoder_grid(scores: StudyScores) -> Section:
    """Every decoder against every score of a value, so that no variant is judged by a decoder that does not fit."""
    part = scores.study.evaluation_part
    rows = []
    for configuration in scores.configurations.values():
        step = chosen_rate(scores, configuration, METRICS["nll"])
        step = chosen_rate(scores, configuration, METRICS["rmse"]) if step is None else step
        if step is None:
            continue
        grids = [scores.parts[one, part].grid for one in trials_at(scores, configuration, step, METRICS["rmse"])]
        spreads = {key: Spread.of(grid[key] for grid in grids) for key in product(DECODERS, GRID)}
        best = {name: best_of(name, [spreads[decoder, name].mean for decoder in DECODERS]) for name in GRID}
        for decoder in DECODERS:
            cells = [Cell(configuration.name), Cell(decoder), Cell(rate(step) if is_trained(configuration) else NONE, step)]
            of_decoder = [(name, spreads[decoder, name]) for name in GRID]
            cells += [Cell(plus_minus(one), one.mean, one.mean == best[name]) for name, one in of_decoder]
            rows.append(tuple(cells))
    head = ("variant", "decoder", "learning rate", *(METRICS[name].label for name in GRID))
    return Section(
        "decoders",
        "Decoders",
        sentences=(
            "A decoder reads one value from a distribution: its mean, its median level, its most probable level (mode). The mean "
            "suits RMSE, the median MAE, the mode accuracy. The best decoder of each variant is marked. The RMSE of the mode is "
            "the average error of a classifier's categorical predictions.",
        ),
        tables=(
            Table(
                "decoders",
                f"Decoder × score on {part}, at the rate chosen on valid for NLL",
                head,
                tuple(rows),
                frozenset({2, 3, 4, 5}),
            ),
        ),
    )
