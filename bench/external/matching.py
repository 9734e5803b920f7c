"""Predictions against a fold: every held-out rating predicted once, in the fold's order."""

from collections import Counter, defaultdict, deque
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from bench.external.reading import ExternalPredictions
from cfce.errors import UserError

Held = Mapping[str, tuple[NDArray[np.object_], NDArray[np.object_]]]
"""Part name to the user and item ids of its rows, in the fold's order."""

NEED_OF_VALID = (
    "without valid no learning rate can be chosen and no sigma fitted, so neither NLL, RPS nor a fair comparison can be computed"
)


def align(predictions: ExternalPredictions, held: Held) -> dict[str, NDArray[np.intp]]:
    """For each part the rows of ``predictions`` that predict it, in the order of the part.

    With a ``row`` column each row predicts the rating of that number, whose pair it must name. Without it a pair must come as
    often as the fold holds it, and a row belongs to the part that holds its pair; a pair that both parts hold needs the column
    ``part``, and one that a part holds several times the column ``row``, unless its rows predict the same.

    Raises ``UserError`` with the line of a pair that is in no held-out part, in the wrong part or too often, and with
    the first pair that is missing.
    """
    if predictions.row is not None:
        return _by_number(predictions, predictions.row, held)
    waiting = _waiting(held, with_part=predictions.part is not None)
    needed = {key: len(rows) for key, rows in waiting.items()}
    if predictions.part is None:
        _refuse_doubt(predictions, held)
    found = {part: np.full(len(user), -1, dtype=np.intp) for part, (user, _) in held.items()}
    for row in range(len(predictions)):
        pair = (predictions.user[row], predictions.item[row])
        key = pair if predictions.part is None else (*pair, predictions.part[row])
        if key not in waiting:
            raise predictions.error(row, _stranger(predictions, row, held))
        if not waiting[key]:
            times = "once" if needed[key] == 1 else f"{needed[key]} times"
            raise predictions.error(
                row, f"user {pair[0]}, item '{pair[1]}' is predicted again; the fold holds this pair {times}, so drop the row"
            )
        part, position = waiting[key].popleft()
        found[part][position] = row
    _refuse_missing(predictions, held, found)
    _refuse_repeated(predictions, held)
    return found


def _by_number(predictions: ExternalPredictions, numbers: NDArray[np.int64], held: Held) -> dict[str, NDArray[np.intp]]:
    """The rows of each part by the number that each row names."""
    parts = np.repeat(list(held), [len(users) for users, _ in held.values()])
    users, items = (np.concatenate([ids[at] for ids in held.values()]).astype(str) for at in (0, 1))
    for row in np.flatnonzero(numbers >= len(parts))[:1]:
        raise predictions.error(int(row), f"row {numbers[row]} came, but the held-out rows are 0 to {len(parts) - 1}")
    wrong = (users[numbers] != predictions.user.astype(str)) | (items[numbers] != predictions.item.astype(str))
    if predictions.part is not None:
        wrong |= parts[numbers] != predictions.part.astype(str)
    for row in np.flatnonzero(wrong)[:1]:
        at = numbers[row]
        raise predictions.error(
            int(row),
            f"row {at} of the fold is user {users[at]}, item '{items[at]}' of {parts[at]}; keep each row's number with it, "
            "and pass the --split that the predictions are of",
        )
    first, count = np.unique(numbers, return_index=True)[1], np.bincount(numbers, minlength=len(parts))
    for row in np.setdiff1d(np.arange(len(numbers)), first)[:1]:
        raise predictions.error(int(row), f"row {numbers[row]} is predicted again; each row is predicted once, so drop it")
    place = np.full(len(parts), -1, dtype=np.intp)
    place[numbers] = np.arange(len(numbers))
    found = {part: place[parts == part] for part in held}
    if not count.all():
        _refuse_missing(predictions, held, found)
    return found


def _refuse_repeated(predictions: ExternalPredictions, held: Held) -> None:
    """Refuse different predictions of a pair that one part holds several times: which is of which rating is not said."""
    repeated = {
        pair
        for users, items in held.values()
        for pair, count in Counter((str(user), str(item)) for user, item in zip(users, items, strict=True)).items()
        if count > 1
    }
    first: dict[tuple[str, ...], int] = {}
    for row in range(len(predictions)) if repeated else ():
        pair = (predictions.user[row], predictions.item[row])
        key = pair if predictions.part is None else (*pair, predictions.part[row])
        if pair in repeated and not _same(predictions, first.setdefault(key, row), row):
            raise predictions.error(
                row,
                f"user {pair[0]}, item '{pair[1]}' is held out several times with different predictions; "
                "add the column row of 'bench export-fold'",
            )


def _waiting(held: Held, with_part: bool) -> dict[tuple[str, ...], deque[tuple[str, int]]]:
    """Where each pair is needed: (user, item) or (user, item, part) to the positions that wait for a prediction."""
    waiting: dict[tuple[str, ...], deque[tuple[str, int]]] = defaultdict(deque)
    for part, (users, items) in held.items():
        for position, (user, item) in enumerate(zip(users, items, strict=True)):
            key = (str(user), str(item), part) if with_part else (str(user), str(item))
            waiting[key].append((part, position))
    return dict(waiting)


def _refuse_doubt(predictions: ExternalPredictions, held: Held) -> None:
    """Refuse rows of a pair that several parts hold where it matters which row is whose."""
    pairs = [{(str(user), str(item)) for user, item in zip(*ids, strict=True)} for ids in held.values()]
    shared = set.intersection(*pairs) if len(pairs) > 1 else set()
    first: dict[tuple[str, str], int] = {}
    for row in range(len(predictions)) if shared else ():
        pair = (predictions.user[row], predictions.item[row])
        if pair in shared and not _same(predictions, first.setdefault(pair, row), row):
            raise predictions.error(
                row, f"user {pair[0]}, item '{pair[1]}' is in valid and in test with different predictions; add a column part"
            )


def _same(predictions: ExternalPredictions, one: int, other: int) -> bool:
    return all(
        values is None or bool((values[one] == values[other]).all()) for values in (predictions.points, predictions.probabilities)
    )


def _stranger(predictions: ExternalPredictions, row: int, held: Held) -> str:
    user, item = predictions.user[row], predictions.item[row]
    for part, (users, items) in held.items():
        if ((users.astype(str) == user) & (items.astype(str) == item)).any():
            return f"user {user}, item '{item}' is in {part}, not in {predictions.part[row]}"  # type: ignore[index]
    return (
        f"user {user}, item '{item}' is not among the held-out pairs of this split; "
        "predict the rows that 'bench export-fold' writes, with the same ids"
    )


def _refuse_missing(predictions: ExternalPredictions, held: Held, found: dict[str, NDArray[np.intp]]) -> None:
    for part, rows in found.items():
        missing = np.flatnonzero(rows < 0)
        if not missing.size:
            continue
        if missing.size == len(rows):
            need = f"; {NEED_OF_VALID}" if part == "valid" else "; claims are made on test"
            raise UserError(f"'{predictions.path}' has no row of {part}, which has {len(rows)}{need}; predict every held-out row")
        user, item = (ids[missing[0]] for ids in held[part])
        raise UserError(
            f"'{predictions.path}' lacks {missing.size} of the {len(rows)} rows of {part}, the first of them "
            f"user {user}, item '{item}'; predict every row of {part}.csv of 'bench export-fold'"
        )
