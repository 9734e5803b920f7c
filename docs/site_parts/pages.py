"""The pages that are made from the code: commands, metrics, the API; and those that are files elsewhere in the repository."""

import inspect
import os
import re
from pathlib import Path

from bench.cli.app import TASKS, flags_of
from cfce import metrics
from cfce.metrics import METRICS
from cfce.scale import RatingScale
from site_parts.tables import filled

ELSEWHERE = {
    "CONTRIBUTING.md": "project/contributing.md",
    "CHANGELOG.md": "project/changelog.md",
    "SECURITY.md": "project/security.md",
    "reports/README.md": "project/reports.md",
    "reports/ml-100k/timing.md": "project/timing.md",
    "reports/ml-100k/report.md": "project/ml-100k.md",
    "reports/blog/report.md": "project/blog.md",
    "reports/lottery/report.md": "project/lottery.md",
    "reports/families/report.md": "project/families.md",
    "reports/tuned-ml-100k/README.md": "project/tuned-words.md",
    "reports/tuned-ml-100k/report.md": "project/tuned.md",
    "reports/suite/README.md": "project/suite-words.md",
    "reports/suite/summary.md": "project/suite.md",
    "reports/peers/README.md": "project/peers.md",
    "reports/frontier/README.md": "project/frontier.md",
    "reports/gpu/timing.md": "project/timing-gpu.md",
}
"""Files of the repository that are pages of the site, where they are there."""

API = {
    "bench": ("A study in Python", ["run", "tune", "load_study", "Study"]),
    "bench.registry": (
        "Parts",
        ["register_variant", "Variant", "Dataset", "Protocol", "Objective", "Engine", "Metric", "Executor"],
    ),
    "cfce.datasets": ("Ratings", ["load_dataset"]),
    "cfce.ratings": ("Ratings as columns", ["Ratings"]),
    "cfce.scale": ("Scales", ["RatingScale"]),
    "cfce.predictions": ("Predictions", ["Prediction"]),
    "cfce.metrics": (
        "Scores",
        ["rmse", "normalized_rmse", "mae", "accuracy", "normalized_accuracy", "nll", "rps", "brier", "skill", "accuracy_skill",
         "quadratic_weighted_kappa", "confusion_matrix", "calibration", "fit_sigma", "normal_over_levels"],
    ),
}  # fmt: skip

LINK = re.compile(r"(?P<image>!?)\[(?P<text>[^\]]*)\]\((?P<target>[^)\s#]+)(?P<anchor>#[^)\s]*)?\)")


def write_all(docs: Path) -> None:
    """Write every generated page below ``docs``; git leaves them alone."""
    for source, page in ELSEWHERE.items():
        if (docs.parent / source).exists():
            _write(docs / page, (docs.parent / source).read_text(encoding="utf-8"))
    for page, text in MADE.items():
        _write(docs / page, text())


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def relink(app, docname: str, source: list[str]) -> None:
    """The event of Sphinx: links of a page between files of the repository become links between pages of the site."""
    docs = Path(app.srcdir)
    page = f"{docname}.md"
    if docname == "index":  # a pattern of pages that are not there yet is no mistake
        lines = source[0].splitlines()
        source[0] = "\n".join(line for line in lines if not re.fullmatch(r"[\w/-]+\*", line) or any(docs.glob(line)))
    origin = next((one for one, target in ELSEWHERE.items() if target == page), f"docs/{page}")
    source[0] = source[0].replace("```mermaid\n", "```text\n")  # drawn where the Markdown is shown beside the code
    if not docname.endswith("tutorial"):  # a notebook's links are between pages already
        source[0] = filled(relinked(source[0], Path(origin), page, docs), docs.parent / "reports")


def accessible(app, pagename: str, templatename: str, context: dict[str, object], doctree: object) -> None:
    """The event of Sphinx: what the theme leaves out for readers without a pointer or a screen.

    Captions of the navigation, which are marked as headings, tell their level; code and tables that scroll take the focus.
    """
    for name, old, new in MENDED:
        text = context.get(name)
        if isinstance(text, str):
            context[name] = text.replace(old, new)


MENDED = (
    ("furo_navigation_tree", 'role="heading"', 'role="heading" aria-level="2"'),
    ("body", "<pre>", '<pre tabindex="0">'),
    ("body", "<pre style=", '<pre tabindex="0" style='),  # what a cell of the tutorial printed
    ("body", '<div class="table-wrapper', '<div tabindex="0" class="table-wrapper'),
)
"""Part of the page, and what stands in place of what."""


def relinked(text: str, origin: Path, page: str, docs: Path) -> str:
    """The text of a page at ``page`` that is the file ``origin`` of the repository, with its links as the site has them.

    A link to a file that is no page stays as its text. Raises ``ValueError`` for a link to what is not there.
    """
    root = docs.parent

    def changed(found: re.Match[str]) -> str:
        target = found["target"]
        if "://" in target or target.startswith(("mailto:", "{")):
            return found[0]
        path = Path(os.path.normpath(origin.parent / target))
        if not (root / path).exists() and path.as_posix().removeprefix("docs/") not in MADE:
            raise ValueError(f"{origin} links to {target}, which is not there")
        place = ELSEWHERE.get(path.as_posix())
        if place is None and path.parts[0] == "docs" and path.suffix in (".md", ".ipynb"):
            place = Path(*path.parts[1:]).as_posix()
        if place is None and not found["image"]:
            return found["text"]
        at = (docs / page).parent
        to = docs / place if place is not None else root / path
        return f"{found['image']}[{found['text']}]({Path(os.path.relpath(to, at)).as_posix()}{found['anchor'] or ''})"

    kept = re.split(r"(^```.*?^```$|`[^`\n]+`)", text, flags=re.M | re.S)
    return "".join(part if at % 2 else LINK.sub(changed, part) for at, part in enumerate(kept))


def commands_page() -> str:
    """Every command with its help, its examples and its flags, as typer has them."""
    parts = ["# Commands\n\nMade from the program itself: `bench COMMAND --help` says the same.\n"]
    for task, commands in TASKS.items():
        parts.append(f"## {task}\n")
        for name, _, text in commands:
            told, _, examples = text.partition("\b\nExamples:\n")
            parts.append(f"### bench {name}\n\n{told.strip()}\n")
            if examples.strip():
                parts.append(f"```text\n{inspect.cleandoc(examples)}\n```\n")
            rows = ["| flag | means | default |", "|---|---|---|"]
            for flag in flags_of(name).values():
                opts = [*getattr(flag, "opts", []), *getattr(flag, "secondary_opts", [])]
                default = flag.default
                shown = "" if default is None or isinstance(default, bool) or callable(default) else f"`{default}`"
                rows.append(f"| {', '.join(f'`{one}`' for one in opts)} | {_cell(getattr(flag, 'help', '') or '')} | {shown} |")
            parts.append("\n".join(rows) + "\n")
    return "\n".join(parts)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;").replace("[", "\\[")


DEFINED_IN = {
    **{name: getattr(metrics, name) for name in ("rmse", "normalized_rmse", "mae", "accuracy", "normalized_accuracy")},
    **{name: getattr(metrics, f"{name}_by_rating") for name in ("nll", "rps", "brier")},
    "qwk": metrics.quadratic_weighted_kappa,
    "calibration_error": metrics.calibration,
}
"""Where the formula and the source of a metric stand."""


def metrics_page() -> str:
    """Every registered metric: what it computes, its direction, its margin on five levels, its formula and source."""
    five = RatingScale((1, 2, 3, 4, 5))
    parts = [
        "# Scores\n\nMade from the registry of metrics. The margin is half the width of the region of practical equivalence, here"
        " on a scale of 1 to 5; where a score is in the verdicts, pairs are judged on it.\n"
    ]
    for name, metric in METRICS.items():
        better = "higher" if metric.higher_is_better else "lower"
        margin = metric.margin_on(five)
        facts = [f"column `test_{name}`", f"{better} is better"]
        facts += [f"margin {margin:g}"] if margin is not None else ["no margin"]
        facts += ["in the verdicts"] if metric.in_verdicts else []
        parts.append(f"## {metric.label}\n\n{metric.description[:1].upper()}{metric.description[1:]}: {', '.join(facts)}.\n")
        if name in DEFINED_IN:
            function = DEFINED_IN[name]
            text = inspect.getdoc(function) or ""
            source = inspect.getdoc(inspect.getmodule(function)) or ""
            parts.append(f"```text\n{text}\n```\n")
            if "(1" in source or "(2" in source:
                parts.append("From the module:\n\n```text\n" + source + "\n```\n")
    return "\n".join(parts)


def api_page() -> str:
    """The public names of each module, from their docstrings."""
    parts = ["# Python\n"]
    for module, (title, names) in API.items():
        parts.append(f"## {title}: `{module}`\n\n```{{eval-rst}}\n.. currentmodule:: {module}\n")
        found = __import__(module, fromlist=names)
        for name in names:
            kind = "autoclass" if inspect.isclass(getattr(found, name)) else "autofunction"
            parts.append(f".. {kind}:: {module}.{name}\n")
        parts.append("```\n")
    return "\n".join(parts)


MADE = {"reference/cli.md": commands_page, "reference/metrics.md": metrics_page, "reference/api.md": api_page}
"""Pages that are made from the code."""
