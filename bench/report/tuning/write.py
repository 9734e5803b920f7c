"""The sections, figures and table of a tuning, written from its study."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.report.content import Image, Section
from bench.report.escape import slug, spreadsheet
from bench.report.tuning import sections
from bench.tuning.expected_best import expected_best_curve
from bench.tuning.history import History
from cfce.files import write_whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from bench.comparison.verdict import Verdict
    from bench.study.study import Study

DrawAndSave = Callable[[str, str, "Figure"], Image]
"""(name, what it shows in words, figure) to the image of its file."""


def tuning_sections(
    study: "Study", histories: Sequence[History], verdicts: Mapping[str, "Sequence[Verdict]"], save: DrawAndSave
) -> list[Section]:
    """The sections, in the order in which a reader needs them; ``verdicts`` are those of tuned against defaults by variant."""
    from bench.report.tuning import figures

    curves = [expected_best_curve(np.array([one.terms.loss(float(score)) for score in one.scores()])) for one in histories]
    budget = save(
        "tuning-budget", "The best score on valid that a budget is expected to find", figures.budget_figure(histories, curves)
    )
    parallel = save("tuning-lines", "Settings as lines across the options and their rank", figures.parallel(histories))
    slices = [
        save(f"tuning-{one.variant}", f"{one.variant}: the score of every setting by each option", figures.slices(one))
        for one in histories
    ]
    return [
        sections.fairness(histories),
        sections.against_defaults(verdicts, study.evaluation_part),
        sections.budget(histories, curves, [budget]),
        sections.chosen(histories, study.settings["data"]),
        sections.decisive(histories, [parallel], slices),
    ]


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


def figure_saver(folder: Path, within: str, save: Callable[[Path, "Figure"], None]) -> DrawAndSave:
    """Saves figures into a folder under free names."""
    taken: set[str] = set()

    def draw(name: str, alt: str, figure: "Figure") -> Image:
        file = f"{slug(name, taken)}.png"
        save(folder / file, figure)
        return Image(f"{within}/{file}" if within else file, alt)

    return draw
