"""Write a summary: ``summary.md``, ``summary.html``, ``summary.csv`` and figures, from the verdicts of studies alone."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np

from bench.report.content import Report, Section
from bench.report.escape import spreadsheet
from bench.report.figures import FigureSaver
from bench.report.guard import Guard
from bench.report.markdown import report_markdown
from bench.report.page import report_page
from bench.statistics.across import LEAST_DATASETS, mean_ranks
from bench.summary import sections
from bench.summary.reading import Result, in_all, read_results
from cfce.errors import UserError
from cfce.files import write_whole
from cfce.metrics import METRICS, Metric
from cfce.text import listed


def metric_named(name: str) -> Metric:
    """The metric; raises ``UserError`` for an unknown one, or one that has no verdicts."""
    metric = METRICS[name]
    if not metric.in_verdicts:
        raise UserError(f"no verdicts are given on {name}, so none can be counted; give another metric, such as nll")
    return metric


def write_summary(paths: Sequence[Path], metric_name: str, out: Path, command: str) -> list[str]:
    """Write the summary of some studies on one score into a folder; a line for each part that could not be made.

    Raises ``UserError`` for studies that no summary can be made of: see ``read_results`` and ``in_all``.
    """
    metric = metric_named(metric_name)
    protocol, results = read_results(paths, metric_name)
    names = in_all(results)
    (out / "figures").mkdir(parents=True, exist_ok=True)
    guard = Guard()
    saver = FigureSaver(out / "figures", "", guard)
    makers = (
        partial(_answer, results, names, metric),
        partial(sections.datasets, results, names, metric),
        partial(sections.wins, results, names, metric),
        partial(_ranks, results, names, metric, saver),
        partial(_differences, results, names, metric, saver),
        partial(sections.provenance, results, protocol, command),
    )
    found = [guard.section(make) for make in makers]
    report = Report(
        title=f"Summary of {len(results)} datasets",
        subtitle=f"{len(names)} variants in {metric.label}, protocol {protocol}: {', '.join(one.name for one in results)}.",
        sections=tuple(section for section in found if section is not None),
    )
    write_whole(out / "summary.md", report_markdown(report).encode(errors="backslashreplace"))
    write_whole(out / "summary.html", report_page(report).encode(errors="backslashreplace"))
    write_whole(out / "summary.csv", _csv(results, names, metric).encode(errors="backslashreplace"))
    return guard.problems


def _answer(results: Sequence[Result], names: Sequence[str], metric: Metric) -> Section:
    """Who leads by mean rank, and what the verdicts of the studies say of the leader against each other variant."""
    ranks = mean_ranks(sections.ranks_of(results, names, metric))
    leader = names[int(ranks.argmin())]
    level = [name for name, rank in zip(names, ranks, strict=True) if np.isclose(rank, ranks.min())]
    told = []
    for name in names:
        found = [one.compared[leader, name].verdict for one in results if (leader, name) in one.compared]
        if name != leader and found:
            told.append(
                f"{leader} is better than {name} on {found.count('better')} of {len(found)} datasets, worse on "
                f"{found.count('worse')}, "
                f"equivalent on {found.count('equivalent')}, undecided on {found.count('undecided')}"
            )
    few = f" {len(results)} datasets are too few for a test across them." if len(results) < LEAST_DATASETS else ""
    leads = f"{leader} leads" if len(level) == 1 else f"{listed(level)} share the lead"
    first = f"By mean rank over {len(results)} datasets, {leads} in {metric.label} ({ranks.min():.2f} of {len(names)}).{few}"
    return Section("verdict", "Answer", sentences=(first,), items=tuple(told))


def _ranks(results: Sequence[Result], names: Sequence[str], metric: Metric, saver: FigureSaver) -> Section:
    from bench.summary.figures import rank_figure

    ranks = mean_ranks(sections.ranks_of(results, names, metric))
    draw = partial(rank_figure, names, ranks, len(results))
    return sections.mean_rank(results, names, metric, saver.save("mean-ranks", "Mean ranks of the variants on a line", draw))


def _differences(results: Sequence[Result], names: Sequence[str], metric: Metric, saver: FigureSaver) -> Section:
    from bench.summary.figures import forest

    effects = sections.effects_of(results, names)
    alt = "Each pair's differences by dataset, and their random-effects mean"
    images = saver.save("differences", alt, partial(forest, results, effects, metric)) if effects else []
    return sections.differences(results, names, metric, images)


def _csv(results: Sequence[Result], names: Sequence[str], metric: Metric) -> str:
    """A row a dataset and pair: the difference, its standard error, the verdict."""
    lines = ["dataset,metric,a,b,score_a,score_b,difference,standard_error,verdict"]
    for one in results:
        for (a, b), found in one.compared.items():
            if a in names and b in names and names.index(a) < names.index(b):
                texts = [spreadsheet(text).replace('"', '""') for text in (one.name, metric.name, a, b)]
                numbers = (one.scores[a], one.scores[b], found.difference, found.error)
                lines.append(",".join([*(f'"{text}"' for text in texts), *(f"{value:.6g}" for value in numbers), found.verdict]))
    return "\n".join(lines) + "\n"
