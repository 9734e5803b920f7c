"""The formats of a study's files: what this version writes, and how older files are read.

Format 2 is written. Format 1 holds the held-out rows in each file of predictions. Format 0, of version 0.1,
 has no number: one plan a study, and predictions in ``forecasts/``.
"""

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from bench.plan.trial import EXTERNAL
from bench.study.files import read_json, write_json
from bench.study.record import Record
from bench.study.shape import check_shape
from bench.study.shapes import RECORD, SETTINGS
from cfce.errors import UserError
from cfce.text import NAME, short

FORMAT = 2
PREDICTIONS = {0: "forecasts", 1: "predictions", 2: "predictions"}
"""The folder of the predictions by format."""


def written_by() -> str:
    """How files name this version."""
    try:
        return f"cfce-bench {version('cfce-bench')}"
    except PackageNotFoundError:
        return "cfce-bench"


def write_record(path: Path, record: Record) -> None:
    """Write ``trials/<trial_id>.json``."""
    write_json(path, {"format": FORMAT, "written_by": written_by(), **record.to_json()})


def read_record(path: Path) -> Record:
    """The record in a file.

    Raises ``UserError`` for a format that this version does not know, and ``ValueError`` with the reason where the file is
    torn, edited or not a record.
    """
    content = read_json(path)
    number = _format_of(path, content)
    try:
        plain = _record_of_format_0(content) if number == 0 else _without(content, "format", "written_by")
        check_shape(plain, RECORD)
        return Record.from_json(plain)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        told = str(error) if type(error) is ValueError else f"{type(error).__name__}: {error}"
        raise ValueError(f"it is not a whole record ({short(told)})") from error


def write_settings(path: Path, settings: dict[str, Any]) -> None:
    """Write ``study.json``."""
    write_json(path, {"format": FORMAT, "written_by": written_by(), **settings})


def read_settings(path: Path) -> dict[str, Any]:
    """What ``study.json`` holds, as of the present format.

    Raises ``UserError`` for a format that this version does not know, and ``ValueError`` where the file is torn or edited.
    """
    content = read_json(path)
    number = _format_of(path, content)
    if number == 0:
        try:
            content = _settings_of_format_0(content)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"it is not whole ({type(error).__name__}: {short(error)})") from error
    check_shape(content, SETTINGS)
    if not content["plans"]:
        raise ValueError("it has no plan")
    return _without(content, "format", "written_by")


def _without(content: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in content.items() if name not in names}


def _format_of(path: Path, content: dict[str, Any]) -> int:
    number = content.get("format", 0)
    if type(number) is not int:
        raise ValueError("its format is no number")
    if number not in PREDICTIONS:
        writer = short(content.get("written_by", "another version"), NAME)
        raise UserError(
            f"'{path}' is of format {number}, written by {writer}; this is {written_by()}, "
            f"which reads the formats 0 to {FORMAT}, so use a newer version"
        )
    return int(number)


def _record_of_format_0(content: dict[str, Any]) -> dict[str, Any]:
    renamed = {("prediction_sha256" if name == "forecast_sha256" else name): value for name, value in content.items()}
    external = content["trial"]["engine"] == EXTERNAL
    if content["trial"]["engine"] in (EXTERNAL, "baseline"):  # those that nothing of their options was true of
        renamed["trial"] = {**content["trial"], "options": {}}
    return {**renamed, "external": external, "outdated": not external}


def _settings_of_format_0(content: dict[str, Any]) -> dict[str, Any]:
    data = {name: value for name, value in content["data"].items() if name not in ("item_key", "protocol")}
    path = content["plan"].get("data")
    plan = {
        "command": content["command"],
        "asked": content["created"],
        "plan": {"protocol": content["data"]["protocol"], "crossed": True, **content["plan"]},
        "environment": content["environment"],
        "trial_ids": content["trial_ids"],
    }
    return {
        "name": content["name"],
        "created": content["created"],
        "data": {**data, "path": path, "options": {"item_key": content["data"]["item_key"]}},
        "plans": [plan],
        "variants": content["variants"],
        "added": content.get("added", []),
    }
