"""A fold as files, so that an outside model trains on the same rows."""

import io
from collections.abc import Callable
from pathlib import Path

from bench.study import Study
from bench.study.files import write_json
from cfce.errors import UserError, unknown_name
from cfce.files import write_whole
from cfce.fold_table import fold_table
from cfce.splits import PARTS, Fold, split_ratings

FORMATS = ("csv", "parquet")


def export_fold(fold: Fold, folder: Path, format: str = "csv") -> list[Path]:
    """Write each part of the fold that has rows as ``PART.csv`` or ``PART.parquet`` with columns user, item, rating.

    Ids and ratings are those of the source, and rows stand in the fold's order. ``fold.json`` says which fold it is.
    Gives the paths of the parts.
    """
    if format not in FORMATS:
        raise unknown_name("format", format, FORMATS)
    ratings = fold.ratings
    paths = []
    try:
        for part in PARTS:
            if len(fold.rows(part)):
                path = folder / f"{part}.{format}"
                write_whole(path, _part_bytes(fold, part, format))
                paths.append(path)
        write_json(
            folder / "fold.json",
            {
                "dataset": ratings.name,
                "fingerprint": ratings.fingerprint,
                "protocol": fold.protocol,
                "split": fold.split,
                "rows": {part: len(fold.rows(part)) for part in PARTS},
            },
        )
    except OSError as error:
        raise UserError(f"the fold cannot be written to '{folder}': {error.strerror}; choose another --out") from error
    return paths


def _part_bytes(fold: Fold, part: str, format: str) -> bytes:
    frame = fold_table(fold, part)
    if format == "csv":
        return frame.to_csv(index=False, lineterminator="\n").encode()
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    return buffer.getvalue()


def fold_of_study(
    study: Study, split: int, log: Callable[[str], None], path: Path | None = None, protocol: str | None = None
) -> Fold:
    """The fold number ``split`` of a study, from its data; ``path`` is where the data lies now, if not where it lay then.

    Raises ``UserError`` where the data found is not the data that the study was run on.
    """
    from bench.plan.data_source import load_ratings

    data = study.settings["data"]
    if path is None and data.get("path"):
        path = Path(data["path"])
    try:
        ratings = load_ratings(
            data["dataset"],
            data["options"],
            path=path,
            report=log,
        )
    except UserError as error:
        raise UserError(
            f"the data of the study '{study.path}' cannot be read: {error}; pass --data with what the study was run on"
        ) from error
    if ratings.fingerprint != data["fingerprint"]:
        raise UserError(
            f"the data of '{data['dataset']}' has the fingerprint {ratings.fingerprint[:12]}, but the study "
            f"'{study.path}' was run on {data['fingerprint'][:12]}; pass --data with the data that the study was run on"
        )
    return split_ratings(ratings, protocol or study.protocols[0], split)
