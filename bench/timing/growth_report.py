"""The growth table and its curves."""

import io
import json
from pathlib import Path

from bench.timing.growth import LIMIT, GrowthResult
from bench.timing.spread import seconds_text
from bench.timing.table import markdown_table
from cfce.errors import UserError
from cfce.files import write_whole


def growth_markdown(result: GrowthResult) -> str:
    """The table, how it was measured, and the curve."""
    machine = result.environment
    header = ["ratings", "engine", "batch size", "parameters", "an epoch", "s a million ratings"]
    header += ["peak MB", "peak MB a million ratings", "fit beside model, bytes a rating"]
    rows = [
        [
            f"{row.n:,}",
            row.case.engine,
            f"{row.batch_size:,}",
            f"{row.n_parameters:,}",
            seconds_text(row.seconds_per_epoch),
            f"{row.seconds_a_million:.3g}",
            f"{row.peak_bytes / 1e6:,.0f}",
            f"{row.peak_mb_a_million:,.0f}",
            "-" if row.own_bytes_a_rating is None else f"{row.own_bytes_a_rating:.1f}",
        ]
        for row in result.rows
    ]
    return "\n\n".join(
        [
            "# Growth",
            f"Measured {result.created} on {machine['cpu']} ({machine['cores']} cores), Python {machine['python']}.\n\n"
            f"Command: `{result.command}`",
            markdown_table(header, rows),
            "Each row is one epoch of `regression` on drawn ratings (`synthetic-N`), one thread, in a process of its own, after "
            "a warm-up. The batch size grows with N, so each epoch has as many steps. Peak MB is the whole process: "
            "Python, its libraries, the ratings and the fit. The last column counts what splitting, fitting and predicting need "
            "beside the model (weights, gradient and both averages of Adam) and beside the ratings, which trials share as memory "
            f"maps; it may be at most {LIMIT}.",
            "![Seconds and memory a rating over the number of ratings](growth.png)",
        ]
    ) + "\n"  # fmt: skip


def growth_curve(result: GrowthResult) -> bytes:
    """Seconds a million ratings and bytes a rating over N, as a PNG: a flat line is growth in proportion."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 3.4), layout="constrained")
    FigureCanvasAgg(figure)
    time, memory = figure.subplots(1, 2)
    for engine in dict.fromkeys(row.case.engine for row in result.rows):
        rows = [row for row in result.rows if row.case.engine == engine]
        sizes = [row.n for row in rows]
        time.plot(sizes, [row.seconds_a_million for row in rows], marker="o", label=engine)
        known = [(row.n, row.own_bytes_a_rating) for row in rows if row.own_bytes_a_rating is not None]
        if known:
            memory.plot(*zip(*known, strict=True), marker="o", label=engine)
    memory.axhline(LIMIT, color="0.4", linestyle="--", label=f"limit: {LIMIT}")
    time.set_title("Time of an epoch")
    time.set_ylabel("seconds a million ratings")
    memory.set_title("Memory of a fit beside the model")
    memory.set_ylabel("bytes a rating")
    for axes in (time, memory):
        axes.set_xscale("log")
        axes.set_xlabel("ratings (N)")
        axes.set_ylim(0, 1.1 * axes.get_ylim()[1])
        axes.legend()
        axes.grid(alpha=0.3)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=120)
    return buffer.getvalue()


def write_growth(result: GrowthResult, folder: Path) -> tuple[list[Path], str, dict[str, float]]:
    """Write ``growth.json``, ``growth.md`` and ``growth.png``; gives their paths, the Markdown, and seconds by name."""
    text = growth_markdown(result)
    contents = {
        "growth.json": (json.dumps(result.to_json(), indent=1) + "\n").encode(),
        "growth.png": growth_curve(result),
        "growth.md": text.encode(),
    }
    try:
        for name, content in contents.items():
            write_whole(folder / name, content)
    except OSError as error:
        raise UserError(f"the growth report cannot be written to '{folder}': {error.strerror}; choose another --out") from error
    return [folder / name for name in contents], text, {row.name: row.seconds_per_epoch for row in result.rows}
