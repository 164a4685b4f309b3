"""A retraining that monitoring asked for: once for each verdict, whoever else asks, and a record of how it went."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Self

from swayrec.operations.lock import held
from swayrec.operations.monitoring.series import Series, Verdict, actions_of
from swayrec.operations.monitoring.window import Window
from swayrec.operations.workspace import written_whole

FOLDER = "retrainings"
MOST_TRIES = 3
"""Times that a retraining which fails is tried, each at another run of the monitoring."""

Status = Literal["running", "submitted", "promoted", "not promoted", "failed"]


@dataclass(frozen=True)
class Retraining:
    """What a verdict asked for and what came of it.

    ``window`` is the verdict's (``since``, ``until``), ``asked_of`` the champion that it was on, ``reasons`` why, by
    language. ``data`` says what was learned from: ``until`` (empty = all there was), and once it is known how many
    ``events`` from ``first`` to ``last``. ``version`` is what was registered, ``told`` what the gate, or whatever
    failed, said. ``run`` is the id of the pipeline run on a cluster. Times are ISO 8601.
    """

    scenario: str
    window: Mapping[str, str]
    asked_of: int
    reasons: tuple[Mapping[str, str], ...]
    data: Mapping[str, Any]
    status: Status
    tries: int
    started: str
    ended: str = ""
    version: int | None = None
    told: tuple[str, ...] = ()
    run: str = ""

    @property
    def done(self) -> bool:
        """Whether it is not to be tried again."""
        return self.status not in ("running", "failed") or self.tries >= MOST_TRIES

    def with_end(self, status: Status, *told: str, **more: Any) -> Self:
        """The record as it ended now."""
        return replace(self, status=status, told=told, ended=_now(), **more)

    def to_json(self) -> dict[str, Any]:
        """As JSON knows it."""
        return {**asdict(self), "reasons": [dict(each) for each in self.reasons], "told": list(self.told)}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """What :meth:`to_json` gave."""
        return cls(**{**told, "reasons": tuple(told["reasons"]), "told": tuple(told["told"])})


def records(folder: Path) -> list[Retraining]:
    """All retrainings of a scenario's series, oldest first; a file that is damaged is left out."""
    found = map(_read, sorted((folder / FOLDER).glob("*.json")))
    return [record for record in found if record is not None]


def due(folder: Path, champion: int) -> Verdict | None:
    """The newest verdict on this champion that asked for a retraining which is still to be done.

    Where the last verdict on it gives no alarm any more, none is.
    """
    verdicts = [told for told in Series.read(folder).verdicts if told["champion"]["version"] == champion]
    if not verdicts or verdicts[-1]["verdict"] == "pass":
        return None
    asking = [told for told in verdicts if "retrain" in actions_of(told)]
    if not asking:
        return None
    record = _read(_path(folder, asking[-1]))
    return asking[-1] if record is None or not record.done else None


@dataclass(frozen=True)
class Busy:
    """Another process is at a retraining of this scenario."""


def retrain(
    folder: Path,
    champion: Callable[[], int],
    work: Callable[[Retraining], Retraining],
    until: str = "",
) -> Retraining | Busy | None:
    """Does the retraining that is due, if any; of several processes that ask at once, one does it.

    Args:
        folder: of the scenario's series.
        champion: the registry's number of what is served now; asked once no other process is at it.
        work: trains and gives the record as it ended; whatever it raises, the record says that it failed.
        until: ISO 8601 time; what it learns ends there. Empty = all there is.

    Returns:
        The record; None = nothing is due.
    """
    with held(folder / FOLDER / ".lock") as file:
        if file is None:
            return Busy()
        verdict = due(folder, champion())
        if verdict is None:
            return None
        path = _path(folder, verdict)
        former = _read(path)
        record = Retraining(
            scenario=verdict["scenario"],
            window={"since": verdict["window"]["since"], "until": verdict["window"]["until"]},
            asked_of=verdict["champion"]["version"],
            reasons=tuple(verdict["reasons"]),
            data={"until": until},
            status="running",
            tries=1 if former is None else former.tries + 1,
            started=_now(),
        )
        _write(path, record)
        try:
            record = work(record)
        except Exception as error:
            record = record.with_end("failed", f"{type(error).__name__}: {error}")
            raise
        finally:
            _write(path, record)
        return record


def settle(folder: Path, before: Retraining, after: Retraining) -> Retraining | None:
    """Keeps how a retraining went that was handed to somebody else; None = nothing is new, or it is kept already."""
    if after == before:
        return None
    with held(folder / FOLDER / ".lock", wait=True):
        path = _place(folder, before.window, before.asked_of)
        if _read(path) != before:
            return None
        _write(path, after)
    return after


def _path(folder: Path, verdict: Verdict) -> Path:
    return _place(folder, verdict["window"], verdict["champion"]["version"])


def _place(folder: Path, window: Mapping[str, Any], champion: int) -> Path:
    begin, end = (datetime.fromisoformat(window[name]).timestamp() for name in ("since", "until"))
    return folder / FOLDER / f"{Window(begin, end).name}-{champion}.json"


def _read(path: Path) -> Retraining | None:
    """The record; None = there is none, or it is damaged."""
    try:
        return Retraining.from_json(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, LookupError):
        return None


def _write(path: Path, record: Retraining) -> None:
    with written_whole(path) as unfinished:
        unfinished.write_text(json.dumps(record.to_json(), indent=1, ensure_ascii=False), encoding="utf-8")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
