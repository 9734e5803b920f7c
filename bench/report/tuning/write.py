"""The sections, figures and table of a tuning, written from its study."""

import csv
import io
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.report.content import Section
from bench.report.escape import spreadsheet
from bench.report.tuning import sections
from bench.tuning.expected_best import expected_best_curve
from bench.tuning.history import History
from cfce.files import write_whole

if TYPE_CHECKING:
    from bench.report.figures import FigureSaver
    from bench.study.study import Study

Make = Callable[[], Section]


def tuning_sections(study: "Study", histories: Sequence[History], saver: "FigureSaver") -> list[Make]:
    """What makes the sections, in the order in which a reader needs them; ``settings.csv`` is written with the first."""
    return [
        partial(_fairness, study, histories),
        partial(_against_defaults, study, histories),
        partial(_budget, histories, saver),
        partial(sections.chosen, histories, study.settings["data"]),
        partial(_decisive, histories, saver),
    ]


def _fairness(study: "Study", histories: Sequence[History]) -> Section:
    write_settings_csv(study.path / "settings.csv", histories)
    return sections.fairness(histories)


def _against_defaults(study: "Study", histories: Sequence[History]) -> Section:
    from bench.comparison.compare import compare_all
    from bench.comparison.scores import StudyScores
    from bench.comparison.verdict import Verdict, turned
    from bench.tuning.judged import against_defaults

    found: dict[str, list[Verdict]] = {}
    for history in histories:
        pair = against_defaults(study, history)
        verdicts = compare_all(StudyScores.of(pair)) if pair.records else []
        found[history.variant] = [one if one.a == history.variant else turned(one) for one in verdicts]
    return sections.against_defaults(found, study.evaluation_part)


def _budget(histories: Sequence[History], saver: "FigureSaver") -> Section:
    from bench.report.tuning.figures import budget_figure

    losses = [np.array([one.terms.loss(float(score)) for score in one.scores()]) for one in histories]
    curves = [expected_best_curve(one) for one in losses]
    alt = "The best score on valid that a budget is expected to find"
    return sections.budget(histories, curves, saver.save("tuning-budget", alt, partial(budget_figure, histories, curves)))


def _decisive(histories: Sequence[History], saver: "FigureSaver") -> Section:
    from bench.report.tuning.figures import parallel, slices

    alt = "Settings as lines across the options and their rank"
    images = saver.save("tuning-lines", alt, partial(parallel, histories), colours=64)
    for one in histories:
        alt = f"{one.variant}: the score of every setting by each option"
        images += saver.save(f"tuning-{one.variant}", alt, partial(slices, one))
    return sections.decisive(histories, images)


def write_settings_csv(path: Path, histories: Sequence[History]) -> None:
    """``settings.csv``: one row a setting of a search, with its score on valid by split."""
    names = list(dict.fromkeys(name for one in histories for name in one.space.ordered))
    most = max(one.terms.splits for one in histories)
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    head = [
        "variant",
        "number",
        "state",
        "chosen",
        "metric",
        "score",
        *(f"score_{split}" for split in range(most)),
        "seconds",
        *names,
    ]
    writer.writerow(head)
    for history in histories:
        for one in history.tried:
            scores = [f"{score:.6g}" if score == score else "" for score in one.scores]
            mean = f"{one.score:.6g}" if one.score == one.score else ""
            row = [history.variant, one.number, one.state, one is history.chosen, history.terms.metric, mean]
            row += [*scores, *[""] * (most - len(scores)), f"{one.seconds:.4g}", *(one.options.get(name, "") for name in names)]
            writer.writerow([spreadsheet(value) if isinstance(value, str) else value for value in row])
    write_whole(path, buffer.getvalue().encode())
