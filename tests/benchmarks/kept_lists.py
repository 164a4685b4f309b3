"""Lists as serving keeps them, many at once: the same lines in the same files, without a wait for the disk an hour."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from swayrec.operations.exposures import HOUR, Exposure, file_name, line_of
from swayrec.operations.pseudonym import pseudonyms


def keep(folder: Path, secret: bytes, shown: Sequence[tuple[float, Exposure]]) -> None:
    """Keeps lists, each with the instant when it was shown (epoch seconds)."""
    folder.mkdir(parents=True, exist_ok=True)
    people = pseudonyms([one.user_id or "" for _, one in shown], secret)
    hours: dict[float, list[str]] = defaultdict(list)
    for (at, one), person in zip(shown, people, strict=True):
        hours[at // HOUR].append(line_of(one, person, at))
    for hour, lines in hours.items():
        (folder / file_name(hour)).write_text("".join(lines), encoding="utf-8")
