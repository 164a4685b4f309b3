"""Takes exposures in that were read elsewhere: rows of a file become lines of a workspace's own files."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from swayrec.operations.exposures import HOUR, file_name, line
from swayrec.operations.workspace import written_whole

_OF_ANSWER = {"request_id": "", "user": "", "level": None, "variant": None}

Refused = tuple[int, str, Mapping[str, Any] | str]
"""A row's number, the reason, and the row."""


def take_in(folder: Path, rows: Iterable[tuple[int, Mapping[str, Any] | str]]) -> tuple[int, list[Refused]]:
    """Adds exposures that were read elsewhere (:func:`read`) to a folder; users are pseudonyms already.

    Args:
        folder: where the files lie.
        rows: one an item, by the names of ``EXPOSURES``, with their numbers; those of one answer in a row.

    Returns:
        How many rows were kept, and those that were not.
    """
    kept, refused = 0, []
    answers: dict[tuple[float, str], dict[str, Any]] = {}
    for number, row in rows:
        try:
            assert not isinstance(row, str)
            at = datetime.fromisoformat(row["timestamp"]).timestamp()
            told = answers.setdefault((at, row["request_id"]), {**_OF_ANSWER, "at": at, "shown": []})
            told.update(
                {name: row[name] for name in ("request_id", "user", "level", "variant") if name in row}
            )
            told["model_version"] = int(row["model_version"]) if row.get("model_version") else None
            told["policy"] = [name for name in (row.get("policy") or "").split(",") if name]
            told["shown"].append((int(row["position"]), row["item_id"], float(row.get("score") or 0.0)))
            kept += 1
        except (AssertionError, KeyError, ValueError, TypeError) as error:
            refused.append((number, f"row {number} is no exposure ({type(error).__name__} {error})", row))
    folder.mkdir(parents=True, exist_ok=True)
    by_hour: dict[float, list[str]] = {}
    for told in answers.values():
        shown = sorted(told.pop("shown"))
        told["items"], told["scores"] = [item for _, item, _ in shown], [score for _, _, score in shown]
        by_hour.setdefault(told["at"] // HOUR, []).append(line(told))
    for hour, lines in by_hour.items():
        with written_whole(folder / file_name(hour)) as path:
            path.write_text("".join(lines), encoding="utf-8")
    return kept, refused
