"""The timing tables as Markdown."""

from collections.abc import Sequence

from bench.timing.result import TimingResult
from bench.timing.spread import Spread, seconds_text


def timing_markdown(result: TimingResult, title: str = "Timing") -> str:
    """The part of a report that says how fast the engines are, with the machine, the data and what was measured."""
    parts = [f"# {title}", _where(result), "## An epoch", _fits(result), _how_fits(result)]
    if not any(fit.case.device == "cuda" for fit in result.fits):
        parts.append(_no_cuda(result))
    if result.latencies:
        parts += ["## A prediction", _latencies(result), _how_latencies()]
    if result.failed:
        parts += ["## Not timed", markdown_table(["what", "why"], [[name, why] for name, why in result.failed.items()])]
    return "\n\n".join(parts) + "\n"


def _where(result: TimingResult) -> str:
    machine, data, options = result.environment, result.data, result.options
    cuda = f", {machine['cuda_device']}" if machine["cuda_device"] else ""
    return (
        f"Measured {result.created} on {machine['cpu']} ({machine['cores']} cores{cuda}), Python {machine['python']}, "
        f"torch {machine['versions'].get('torch', '-')}, fastai {machine['versions'].get('fastai', '-')}, "
        f"numba {machine['versions'].get('numba', '-')}; "
        f"threads of torch and fastai: {result.threads}, of the fused engine: 1.\n"
        f"Data: {data['dataset']}, {data['protocol']}, split {data['split']}, {data['n_train']:,} train ratings, "
        f"{data['n_users']:,} × {data['n_items']:,} embedding rows; batch size {options['batch_size']}, "
        f"{options['n_factors']} factors, {options['epochs']} epochs.\n\n"
        f"Command: `{result.command}`"
    )


def _fits(result: TimingResult) -> str:
    header = ["engine", "device", "variant", "trials at once", "an epoch", "quartiles", "rounds", "ratings a second"]
    rows = []
    for fit in result.fits:
        faster, floors = result.times_faster(fit), result.times_floor(fit)
        rows.append(
            [
                fit.case.engine,
                fit.case.device,
                fit.case.variant,
                str(fit.case.trials),
                seconds_text(fit.seconds.median),
                _quartiles(fit.seconds),
                str(len(fit.seconds.rounds)),
                f"{fit.ratings_per_second:,.0f}",
                "-" if faster is None else f"{faster:.1f} ×",
                "-" if floors is None else f"{floors:.2f} ×",
            ]
        )
    return markdown_table([*header, "as fast as fastai", "of the floor"], rows)


def _how_fits(result: TimingResult) -> str:
    text = (
        "Seconds of one trial's epoch, training and validation without set-up and predictions: median and quartiles over rounds, "
        "which take turns, after a warm-up; the time of trials trained in one pass is divided by their number. "
        "'As fast as fastai' is the ratio of the medians for the same variant and device."
    )
    if result.floor is None:
        return text
    floor = result.floor
    return (
        f"{text} The floor is {floor.updates:,} bare dense Adam updates of {floor.n_parameters:,} parameters: "
        f"{seconds_text(floor.seconds.median)} ({_quartiles(floor.seconds)}). An engine that moves all parameters at every step "
        "takes at least that; the fused engine moves rows that a batch does not meet once for several steps, and may take less."
    )


def _no_cuda(result: TimingResult) -> str:
    if result.environment["cuda_device"]:
        return f"CUDA was not timed in this run, though {result.environment['cuda_device']} is here."
    return "No CUDA device was found on this machine, so there are no CUDA rows."


def _latencies(result: TimingResult) -> str:
    rows = [
        [
            "torch, fastai" if one.engine == "torch" else one.engine,
            one.device,
            one.variant,
            f"{one.batch:,}",
            seconds_text(one.seconds.median),
            _quartiles(one.seconds),
            f"{one.batch / one.seconds.median:,.0f}",
        ]
        for one in result.latencies
    ]
    return markdown_table(["engine", "device", "variant", "ratings", "a call", "quartiles", "ratings a second"], rows)


def _how_latencies() -> str:
    return "From arrays of user and item codes to the prediction, in one call; torch and fastai predict by the same network."


def _quartiles(spread: Spread) -> str:
    return f"{seconds_text(spread.q1)} – {seconds_text(spread.q3)}"


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in GitHub's Markdown; a bar inside a cell is escaped.

    >>> print(markdown_table(["a", "b"], [["1", "x"]]))
    | a | b |
    | --- | --- |
    | 1 | x |
    """

    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"

    return "\n".join([line(header), line(["---"] * len(header)), *map(line, rows)])
