"""The section of the best of each variant: what its fits chose on valid, and what choosing cost."""

from dataclasses import replace

from bench.comparison.choice import Choice, choose, has_score
from bench.comparison.configurations import Configuration
from bench.comparison.margin import verdict_metrics
from bench.comparison.scores import StudyScores
from bench.comparison.verdict import Side
from bench.report.chart_data import is_trained
from bench.report.content import Cell, Section, Table
from bench.report.numbers import NONE, Spread, number, plus_minus, rate
from bench.report.sections.scores import best_of
from bench.report.verdict_cells import chosen
from cfce.metrics import METRICS, Metric


def best_of_each(scores: StudyScores) -> Section:
    """The learning rates that the fits chose for each other on valid, their scores where claims are made, and the cost."""
    part = scores.study.evaluation_part
    rows: list[tuple[Cell, ...]] = []
    for name in verdict_metrics(METRICS):
        scored = [one for one in scores.configurations.values() if has_score(scores, one, METRICS[name])]
        choices = [choose(scores, one, METRICS[name]) for one in scored]
        whole = [not _has_infinite(scores, *both) for both in zip(scored, choices, strict=True)]
        found = [_best_row(scores, *both, METRICS[name]) for both in zip(scored, choices, strict=True)]
        values = [row[4].value for row, finite in zip(found, whole, strict=True) if finite and isinstance(row[4].value, float)]
        best = best_of(name, values)
        rows += [
            (*row[:4], replace(row[4], best=finite and row[4].value == best), *row[5:])
            for row, finite in zip(found, whole, strict=True)
        ]
    head = (
        "score", "variant", "learning rate", "valid", part, "n", "raw", "ensemble",
        f"best rate on {part}", "cost of choosing", "optimism", "lost",
    )  # fmt: skip
    sentence = (
        "Each fit is at the learning rate that the other fits chose on valid, for each score separately, so that no lucky "
        "training chooses what it is scored with; where they chose several, the fits of each are counted. The cost of choosing "
        f"is how much worse the chosen rates are than the one that would have been best on {part}; the optimism is how much "
        "better the fits would look had all of them chosen together; the raw score is that of the distribution before one "
        "parameter was fitted on valid. A rate marked lowest or highest is at an end of its grid, which then decides a part of "
        "the score."
    )
    if part == "valid":
        sentence += " This protocol has no test part: rates are chosen and scored on the same ratings, so the cost is too low."
    return Section(
        "best",
        "The best of each variant",
        sentences=(sentence,),
        tables=(Table("best-of-each", f"Chosen on valid, scored on {part}", head, tuple(rows), frozenset(range(2, 12))),),
        notes=tuple(_left_out(scores)),
    )


def _has_infinite(scores: StudyScores, configuration: Configuration, found: Choice) -> bool:
    """Whether a fit is lost though its trial was scored: its score is infinite, and the mean is of the others alone."""
    lost = {(fit.learning_rate, fit.split, fit.seed) for fit in found.fits if fit.lost}
    return any(
        (rate, record.trial.split, record.trial.seed) in lost and (record.trial_id, scores.study.evaluation_part) in scores.parts
        for rate, records in configuration.trials.items()
        for record in records
    )


def _best_row(scores: StudyScores, configuration: Configuration, found: Choice, metric: Metric) -> tuple[Cell, ...]:
    part, name, trained = scores.study.evaluation_part, metric.name, is_trained(configuration)
    spread = Spread.of(fit.score for fit in found.fits)
    raw = f"raw_{name}" if metric.calibrated else ""
    raws = (
        Spread.of(scores.score(one, part, raw) for fit in found.fits for one in fit.trials) if raw in METRICS else Spread.of([])
    )
    ensemble = Spread.of(
        scores.score(one.id, part, name)
        for one in scores.ensembles
        if (one.configuration, one.learning_rate) == (configuration.name, found.learning_rate)
    )
    side = Side(configuration.name, found.learning_rate, tuple(found.chosen.items()), spread.mean, edge=found.edge)
    lost = sum(fit.lost for fit in found.fits)
    return (
        Cell(metric.label),
        Cell(configuration.name),
        Cell(chosen(side) if trained else NONE, found.learning_rate if trained else 0.0),
        Cell(number(found.valid_score), found.valid_score),
        Cell(plus_minus(spread), spread.mean),
        Cell(str(found.n), found.n),
        Cell(number(raws.mean), raws.mean),
        Cell(number(ensemble.mean), ensemble.mean),
        Cell(rate(found.best_learning_rate) if trained else NONE, found.best_learning_rate if trained else 0.0),
        Cell(number(found.cost) if trained else NONE, found.cost),
        Cell(number(found.optimism) if trained else NONE, found.optimism),
        Cell(str(lost), lost),
    )


def _left_out(scores: StudyScores) -> list[str]:
    """The learning rates that lost more trainings than others, and so were not chosen from."""
    said: dict[str, None] = {}
    for name in verdict_metrics(METRICS):
        for configuration in scores.configurations.values():
            if has_score(scores, configuration, METRICS[name]):
                for step in choose(scores, configuration, METRICS[name]).left_out:
                    said[f"{configuration.name} at {rate(step)}"] = None
    told = ", ".join(said)
    return [f"Not chosen from, as fewer of their trainings gave a score than at other rates: {told}."] if said else []
