"""Anybody's file of ratings as ``Ratings``: read once, in pieces, into columns that are mapped into memory."""

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cfce.datasets.progress import progress
from cfce.datasets.reading.batches import WrongRow
from cfce.datasets.reading.collecting import Collected, check_any, collect
from cfce.datasets.reading.filters import filtered, needs_filters
from cfce.datasets.reading.lines import NotUtf8
from cfce.datasets.reading.options import ReadingOptions
from cfce.datasets.reading.places import place_of
from cfce.datasets.reading.plan import ReadingPlan, plan_reading
from cfce.datasets.reading.scales import bin_scale, infer_scale, scale_notes, write_levels
from cfce.datasets.reading.source import Source
from cfce.datasets.stored import LABEL, complete_folder, in_memory, open_ratings, save_ratings
from cfce.errors import UserError
from cfce.ratings import Ratings
from cfce.scale import RatingScale
from cfce.text import counted

CHUNK = 1 << 20
"""Codes that are put in order at a time."""


def read_into(source: Source, options: ReadingOptions, folder: Path, name: str, about: dict[str, Any]) -> list[str]:
    """Read a source into a new folder of columns, as ``cfce.datasets.stored`` has them. Gives the lines to be told.

    They are what was taken for what, the first rows, the scale, and what was left out.
    Memory holds one block of rows and the distinct ids, and a copy of the rows only where duplicates or rare ids are left out.
    Raises ``UserError`` that names the file, and the line where one line is wrong.
    """
    plan = plan_reading(source, options)
    folder.mkdir(parents=True)
    try:
        found = _collected(plan, options, folder)
    except NotUtf8:
        if options.encoding is not None:
            raise UserError(f"'{source}' is not text in UTF-8; name its encoding (--encoding latin-1)") from None
        plan = plan_reading(source, options, "latin-1")
        found = _collected(plan, options, folder)
    check_any(found, str(source))
    try:
        scale, notes = _levels(found, options, str(source))
    except WrongRow as wrong:
        raise _named(plan, found, wrong) from None
    said = [plan.taken, plan.first_rows]
    if found.dropped:
        said.append(
            f"{counted(found.dropped, 'row')} left out whose rating is {options.none or 'blank'}, which means 'not rated'"
        )
    if found.not_finite:
        cells = counted(found.not_finite, "cell")
        said.append(
            f"{cells} left out that {'holds' if found.not_finite == 1 else 'hold'} no finite number, which means 'not rated'"
        )
    said += notes
    return said + _completed(found, scale, options, folder, name, about, said)


def _completed(
    found: Collected,
    scale: RatingScale,
    options: ReadingOptions,
    folder: Path,
    name: str,
    about: dict[str, Any],
    said: Sequence[str],
) -> list[str]:
    """Put the codes in the order of the ids, leave out what is to be left out, and write the proofs."""
    user_ids = _in_order(found, "user")
    item_ids = _in_order(found, "item")
    if "part" in found.columns:
        (folder / "part").rename(folder / f"{LABEL}part")
    (folder / "rating").unlink()
    if not needs_filters(options):
        complete_folder(folder, scale, name, user_ids, item_ids, {**about, "said": list(said)})
        return []
    whole = complete_folder(folder, scale, name, user_ids, item_ids)
    left, notes = filtered(whole, options)
    kept = folder.with_name(folder.name + ".left")
    save_ratings(left, kept, {**about, "said": [*said, *notes]})
    shutil.rmtree(folder)
    kept.rename(folder)
    return list(notes)


def _collected(plan: ReadingPlan, options: ReadingOptions, folder: Path) -> Collected:
    what = f"reading {plan.source.path.name}"
    none = None if plan.matrix else options.none
    try:
        with progress(what, plan.source.size) as advance:
            return collect(plan.batches(advance), folder, plan.time_unit, none, plan.decimal_comma)
    except WrongRow as wrong:
        raise UserError(f"{place_of(plan, wrong.row)}: {wrong.reason}") from None


def _levels(found: Collected, options: ReadingOptions, where: str) -> tuple[RatingScale, tuple[str, ...]]:
    if options.levels is not None:
        scale, borders, notes = bin_scale(found, options.levels, where)
        write_levels(found, scale, borders)
        return scale, notes
    scale = options.scale or infer_scale(found, where)
    write_levels(found, scale, None)
    return scale, () if options.scale or found.counts is None else scale_notes(scale, found.counts)


def _named(plan: ReadingPlan, found: Collected, wrong: WrongRow) -> UserError:
    """The error of a row; where rows were left out, or are cells of a matrix, its number is no line of the file."""
    if found.dropped or plan.matrix:
        return UserError(f"'{plan.source}': {wrong.reason}")
    return UserError(f"{place_of(plan, wrong.row)}: {wrong.reason}")


def _in_order(found: Collected, role: str) -> NDArray[Any]:
    """Write the final codes of a column in the place of those that it was read with. Gives the ids in order."""
    final, ids = (found.user if role == "user" else found.item).in_order()
    codes = found.column(role, "r+")
    for start in range(0, len(codes), CHUNK):
        codes[start : start + CHUNK] = np.take(final, codes[start : start + CHUNK])
    codes.flush()  # type: ignore[attr-defined]
    return ids


def read_ratings(source: Source, options: ReadingOptions, name: str) -> tuple[Ratings, list[str]]:
    """The ratings of a source held in memory, and the lines to be told; for files that are small enough to be read each time."""
    with tempfile.TemporaryDirectory(prefix="cfce-") as temporary:
        folder = Path(temporary) / "ratings"
        said = read_into(source, options, folder, name, {})
        return in_memory(open_ratings(folder)), said
