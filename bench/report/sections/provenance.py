"""Sections on where everything comes from: the variants, the data, what went wrong, the machine and the command."""

from typing import Any

from bench.comparison.scores import StudyScores
from bench.report.content import Cell, Code, Section, Table
from bench.report.numbers import NONE, rate
from bench.report.sections.behaviour import machine
from cfce.text import counted


def variants(scores: StudyScores) -> Section:
    """What each variant is, and its modules as a diagram."""
    trained = {record.trial.variant for record in scores.study.records}
    found = {name: one for name, one in scores.study.settings["variants"].items() if name in trained}
    rows = tuple((Cell(name), Cell(str(one["family"])), Cell(str(one["description"]))) for name, one in found.items())
    codes = tuple(Code(name, str(one["mermaid"]), "mermaid") for name, one in found.items() if one.get("mermaid"))
    return Section(
        "variants",
        "The variants",
        tables=(Table("variants", "What was trained", ("variant", "family", "what it is"), rows),),
        codes=codes,
        side_by_side=True,
    )


def failures(scores: StudyScores) -> Section | None:
    """Every trial that diverged, failed or cannot be read, and why; None where there is none."""
    rows = []
    for record in scores.study.distinct:
        problem = scores.problems.get(record.trial_id)
        if record.status == "ok" and problem is None:
            continue
        trial = record.trial
        rows.append(
            (
                Cell(trial.variant),
                Cell(rate(trial.learning_rate), trial.learning_rate),
                Cell(str(trial.split), trial.split),
                Cell(str(trial.seed), trial.seed),
                Cell(f"{trial.engine}, {trial.device}"),
                Cell("unreadable" if problem else record.status),
                Cell(problem or record.reason),
                Cell(record.trial_id),
            )
        )
    lost = tuple(f"Trial {trial_id}: {reason}." for trial_id, reason in scores.study.unreadable.items())
    if not rows and not lost:
        return None
    said = f"{len(rows)} of {len(scores.study.distinct)} trials gave no scores; they are in no mean of this report."
    head = ("variant", "learning rate", "split", "seed", "engine", "status", "reason", "trial")
    table = Table("failures", "Trials without scores", head, tuple(rows), frozenset({1, 2, 3}))
    return Section("failures", "Failed and diverged trials", (said,) if rows else (), items=lost, tables=(table,) if rows else ())


def without_predictions(scores: StudyScores) -> Section | None:
    """What the report cannot show of trials that keep their scores alone; None where all have their predictions."""
    finished = scores.study.ok
    alone = [record for record in finished if not record.keeps_predictions]
    if not alone:
        return None
    return Section(
        "without-predictions",
        "What is not shown",
        sentences=(
            f"{len(alone):,} of {len(finished):,} finished trials keep their scores and no predictions (--keep scores). Every "
            "score, interval and verdict on them is the number that their predictions would give, confusion and calibration too. "
            "Without predictions there are:",
        ),
        items=(
            "no seed ensembles of a variant and learning rate of which a trial on the split keeps its scores alone;",
            "no section on who gains where it would need such a trial;",
            "no single predictions, in 'bench export' and in notebooks too;",
            "no scores of metrics that were registered after a trial was trained, and no scores by a later version of a metric.",
        ),
    )


def data(scores: StudyScores) -> Section:
    """The ratings: counts, repeated pairs, and held-out ratings whose user or item train lacks."""
    found = scores.study.settings["data"]
    users, items = counted(found["n_users"] - 1, "user"), counted(found["n_items"] - 1, "item")  # without the unknown
    repeated = found["n_repeated_pairs"]
    sentences = [
        f"{counted(found['n_ratings'], 'rating')} of {users} and {items}"
        f"{_joined(found)}, on the scale {scores.study.scale.short}. {counted(repeated, 'rating')} "
        f"repeat{'s' * (repeated == 1)} an earlier (user, item) pair.",
        *_sizes(scores),
        "Users and items that train lacks are predicted by the row of the unknown:",
    ]
    unknown = {(record.trial.split, *one): None for record in scores.study.records for one in record.unknown}
    rows = tuple(
        (Cell(str(split), split), Cell(part), Cell(f"{users:,}", users), Cell(f"{items:,}", items))
        for split, part, users, items in unknown
    )
    head = ("split", "part", "ratings of unknown users", "ratings of unknown items")
    tables = (Table("unknown", "Ratings of the unknown", head, rows, frozenset({0, 2, 3})),) if rows else ()
    return Section("data", "The data", tuple(sentences) if rows else tuple(sentences[:-1]), tables=tables)


def _joined(data: dict[str, Any]) -> str:
    """What an item is, where the data tells."""
    options = ", ".join(f"{name.replace('_', ' ')}: {value}" for name, value in data.get("options", {}).items())
    return f" ({options})" if options else ""


def _sizes(scores: StudyScores) -> list[str]:
    """The ratings of each part by protocol; a range where folds differ."""
    lines = []
    for protocol in scores.study.protocols:
        found = [scores.study.sizes(record) for record in scores.study.records if record.trial.protocol == protocol]
        ranges = []
        for part in ("train", "valid", "test"):
            counts = sorted({one.get(part, 0) for one in found})
            ranges.append(f"{counts[0]:,}{f' to {counts[-1]:,}' if len(counts) > 1 else ''} {part}")
        lines.append(f"Protocol {protocol}: {', '.join(ranges)}.")
    return lines


def _draws(scores: StudyScores) -> str:
    """How splits, seeds and orders were drawn: together, or crossed."""
    plan = scores.study.plans[-1]["plan"]
    if plan.get("splits") is None and plan.get("orders") is None:
        return f"{plan['seeds']}, each seed with a split and an order of its own" if "seeds" in plan else NONE
    orders = "an order of its own for each seed" if plan.get("orders") is None else f"{plan['orders']} orders"
    splits = "a split of its own for each seed" if plan.get("splits") is None else f"{plan['splits']} splits"
    return f"{splits} × {plan['seeds']} seeds, {orders}"


def _kept(scores: StudyScores) -> str:
    """What the study keeps of its trials: predictions, scores alone, or each of some."""
    found = sorted({"predictions" if record.keeps_predictions else "scores" for record in scores.study.ok})
    return " and ".join(found) or "predictions"


def provenance(scores: StudyScores) -> Section:
    """Data fingerprint, versions, machine and command."""
    settings = scores.study.settings
    environment = scores.study.environment
    trials = scores.study.distinct
    versions = {"python": environment["python"], **environment["versions"]}
    rows = [
        ("study", settings["name"]),
        ("begun", settings["created"]),
        ("dataset", settings["data"]["dataset"]),
        ("data fingerprint (SHA-256)", settings["data"]["fingerprint"]),
        ("protocol", ", ".join(scores.study.protocols)),
        ("trials", f"{len(trials)} of {len(scores.study.trial_ids)}, {sum(one.status == 'ok' for one in trials)} ok"),
        ("splits, seeds", _draws(scores)),
        ("machine", machine(environment)),
        ("CUDA device", environment.get("cuda_device") or "none found"),
        ("versions", ", ".join(f"{name} {version}" for name, version in versions.items())),
    ]
    added = settings.get("added") or []
    if added:
        rows.append(
            ("added from outside", ", ".join(str(one.get("name", one) if isinstance(one, dict) else one) for one in added))
        )
    commands = list(dict.fromkeys(str(plan["command"]) for plan in scores.study.plans))
    title = "The command that made this study" if len(commands) == 1 else "The commands that made this study"
    codes = [Code(title, "\n".join(commands), "sh", copy=True)]
    return Section(
        "provenance",
        "Provenance",
        sentences=(
            f"Every number here is computed from the stored trials and {_kept(scores)} of this study; results.csv has a row a "
            "trial, verdicts.csv a row a pair and score.",
        ),
        tables=(Table("provenance", "How this came about", ("what", "value"), tuple((Cell(a), Cell(str(b))) for a, b in rows)),),
        codes=tuple(codes),
    )
