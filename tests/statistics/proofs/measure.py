"""How often the whole procedure is wrong, on studies of every design drawn from banks of real trainings.

python -m proofs.measure 2000 docs/statistics.md    # writes the tables between the marks of the page
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from proofs.bank import RATES, SCORES, open_bank
from proofs.study import LAYOUTS, Cells, Layout, Population, judge, side_of

CHOSEN = tuple(range(len(RATES)))
"""Every rate of the grid: the procedure chooses."""
MARKS = ("<!-- measured: begin -->", "<!-- measured: end -->")


@dataclass(frozen=True)
class Measured:
    """What many studies of one design and comparison gave."""

    false: float
    """Share with a better or worse in the table where there is no difference; with one, share with one of the wrong sign."""
    coverage: float
    """Of the 95 % intervals, mean over scores."""
    worst_coverage: float
    """Of the score with the least."""
    unwarned: float
    """Share of studies without a caveat."""
    unwarned_coverage: float
    """NaN where there is none."""
    contradicted: float
    """How often two such studies give opposite verdicts on a score, the score with the most."""
    optimism: tuple[tuple[float, float], tuple[float, float]]
    """Cross-fitted, and chosen by all: the mean over studies of the first score's, and its standard error."""
    n: int


def measure(
    a: Population,
    a_rates: tuple[int, ...],
    b: Population,
    b_rates: tuple[int, ...],
    layout: Layout,
    n: int,
    rng: np.random.Generator,
) -> Measured:
    """Draw n studies of a design in which a is compared with b: the same population and rates for both is A against A."""
    judged, same = [], a is b and a_rates == b_rates
    for _ in range(n):
        cells = Cells.drawn(layout, a, rng)
        sides = side_of(a, a_rates, cells, rng), side_of(b, b_rates, cells, rng)
        judged.append(judge(*sides, cells, a.effective[cells.draw], rng, tailed=not same))
    covered = np.array([one.covered for one in judged])
    unwarned = np.array([not one.caveats for one in judged])
    signs = np.array([[{"better": 1, "worse": -1}.get(verdict, 0) for verdict in one.verdicts] for one in judged])
    gains = np.array([1 if name == "accuracy" else -1 for name in SCORES])
    true = np.sign(np.array([one.truth for one in judged])) * gains
    wrong = (signs != 0) if same else (signs * true < 0)
    optimism = np.array([one.optimism[:, 0] for one in judged])
    errors = optimism.std(axis=0, ddof=1) / np.sqrt(n)
    (cross, naive), (cross_error, naive_error) = optimism.mean(axis=0), errors
    return Measured(
        false=float(wrong.any(axis=1).mean()),
        coverage=float(covered.mean()),
        worst_coverage=float(covered.mean(axis=0).min()),
        unwarned=float(unwarned.mean()),
        unwarned_coverage=float(covered[unwarned].mean()) if unwarned.any() else float("nan"),
        contradicted=float((2 * (signs > 0).mean(axis=0) * (signs < 0).mean(axis=0)).max()),
        optimism=((float(cross), float(cross_error)), (float(naive), float(naive_error))),
        n=n,
    )


def upper_end(share: float, n: int) -> float:
    """The upper end of the 95 % interval of a share (Wilson 1927)."""
    z = 1.96
    centre = share + z**2 / (2 * n)
    return float((centre + z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))) / (1 + z**2 / n))


COMPARISONS: tuple[tuple[str, tuple[int, ...], str, tuple[int, ...]], ...] = (
    ("ce", (2,), "ce", (0,)),
    ("ce", (3,), "ce", (2,)),
    ("ce", (2,), "regression", (0,)),
    ("ce", CHOSEN, "regression", CHOSEN),
)
"""Pairs whose true difference the bank knows: variant and rates (by number) of each side."""


def tables(dataset: str, n: int, report: Callable[[str], None]) -> Iterator[str]:
    """The lines of the measured tables of one data set."""
    rng = np.random.default_rng(0)
    populations = {variant: Population(open_bank(dataset, variant), rng) for variant in ("ce", "regression")}
    for variant, population in populations.items():
        yield f"\n**{dataset}, `{variant}` against itself**: false verdict in a table / coverage, % of {n:,} studies\n"
        yield "| design | " + " | ".join(f"rate {rate:g}" for rate in RATES) + " | rate chosen |"
        yield "|---|" + "---|" * (len(RATES) + 1)
        for layout in LAYOUTS:
            rows = [
                measure(population, rates, population, rates, layout, n, rng) for rates in (*((one,) for one in CHOSEN), CHOSEN)
            ]
            yield f"| {layout} | " + " | ".join(f"{100 * one.false:.1f} / {100 * one.coverage:.0f}" for one in rows) + " |"
            report(f"{dataset} {variant} {layout}")
    told = [f"`{a}` {_rates(of_a)} − `{b}` {_rates(of_b)}" for a, of_a, b, of_b in COMPARISONS]
    yield f"\n**{dataset}, known differences**: coverage (of the worst score; of studies without a caveat, and their share), %\n"
    yield "| design | " + " | ".join(told) + " |"
    yield "|---|" + "---|" * len(told)
    found = {}
    for layout in LAYOUTS:
        found[layout] = rows = [
            measure(populations[a], of_a, populations[b], of_b, layout, n, rng) for a, of_a, b, of_b in COMPARISONS
        ]
        yield f"| {layout} | " + " | ".join(_coverage(one) for one in rows) + " |"
        report(f"{dataset} differences {layout}")
    yield f"\n**{dataset}, known differences**: verdicts of the wrong sign / two studies that contradict each other, %\n"
    yield "| design | " + " | ".join(told) + " |"
    yield "|---|" + "---|" * len(told)
    for layout, rows in found.items():
        yield f"| {layout} | " + " | ".join(f"{100 * one.false:.1f} / {100 * one.contradicted:.1f}" for one in rows) + " |"
    yield f"\n**{dataset}, optimism of choosing a rate**: normalized RMSE of `ce` too good by, × 10⁻⁵ (± standard error)\n"
    yield "| design | each fit's rate chosen by the others | by all together |\n|---|---|---|"
    for layout, rows in found.items():
        yield f"| {layout} | " + " | ".join(f"{1e5 * mean:+.1f} ± {1e5 * error:.1f}" for mean, error in rows[-1].optimism) + " |"


def _coverage(one: Measured) -> str:
    rest = f"{100 * one.unwarned_coverage:.0f} in {100 * one.unwarned:.0f}" if one.unwarned else "none"
    return f"{100 * one.coverage:.0f} ({100 * one.worst_coverage:.0f}; {rest})"


def _rates(rates: tuple[int, ...]) -> str:
    return f"{RATES[rates[0]]:g}" if len(rates) == 1 else "chosen"


if __name__ == "__main__":
    n, page = int(sys.argv[1]), Path(sys.argv[2])
    lines = [
        line
        for dataset in sys.argv[3:] or ("ml-100k", "synthetic-20000")
        for line in tables(dataset, n, lambda line: print(line, flush=True))
    ]
    text = page.read_text()
    before, after = text.split(MARKS[0])[0], text.split(MARKS[1])[1]
    page.write_text(before + MARKS[0] + "\n" + "\n".join(lines) + "\n\n" + MARKS[1] + after)
