"""The gate: whether a candidate becomes the champion, and why. Training and monitoring use this one."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from swayrec.evaluation.bootstrap import Bootstrap, Estimate

WINDOWED = "windowed popularity"
NONE = "there is no champion to compare with"
"""What sentences say of whom a candidate is compared with, unless the caller knows better."""

FEWEST_USERS = 2
"""Resampling fewer users than this gives no interval at all: every draw is the same."""


@dataclass(frozen=True)
class Decision:
    """What the gate says of a candidate.

    ``reasons`` are whole sentences, the decisive ones first. ``popularity`` is by how much the candidate is
    above windowed popularity, ``champion`` by how much above the champion; each None where nothing could be
    compared.
    """

    promote: bool
    reasons: tuple[str, ...]
    popularity: Estimate | None
    champion: Estimate | None = None

    def to_json(self) -> dict[str, Any]:
        """The decision as JSON knows it."""
        return {**asdict(self), "reasons": list(self.reasons)}

    def write(self, path: Path) -> None:
        """Writes the decision as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(self.to_json(), indent=2, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> "Decision":
        """Reads a decision that :meth:`write` wrote."""
        raw = json.loads(path.read_text(encoding="utf-8"))
        estimates = {
            name: Estimate(**raw[name]) if raw[name] is not None else None
            for name in ("popularity", "champion")
        }
        return cls(bool(raw["promote"]), tuple(raw["reasons"]), **estimates)


def unseen(now: np.ndarray, until: float | None) -> np.ndarray:
    """bool[C]: which cases a champion cannot have learned from.

    Args:
        now: float64[C], the instant of each case in epoch seconds (NaN where there is no clock).
        until: the end of the champion's data (``Metadata.until``); None without a clock.

    Returns:
        Cases at or after ``until``. Without a clock nothing tells what the champion knew, so: none.
    """
    if until is None:
        return np.zeros(len(now), bool)
    return np.asarray(now, np.float64) >= until


def decide(
    candidate: np.ndarray,
    popularity: np.ndarray,
    users: np.ndarray,
    *,
    champion: np.ndarray | None = None,
    fresh: np.ndarray | None = None,
    metric: str = "NDCG@10",
    rival: str = WINDOWED,
    alone: str = NONE,
    bootstrap: Bootstrap | None = None,
) -> Decision:
    """Whether the candidate becomes the champion.

    It does where its paired interval over windowed popularity lies above 0 and its interval against the
    champion (where there is one, on the cases that the champion has not seen) does not lie below 0.

    Args:
        candidate: float[C], the metric of the candidate on every case.
        popularity: float[C], of windowed popularity on the same cases.
        users: int[C], whose case it is; whole users are resampled.
        champion: float[C], of the champion; values outside ``fresh`` are not looked at. None = there is none.
        fresh: bool[C], the cases that the champion has not seen (:func:`unseen`); needed with ``champion``.
        metric: how sentences call the metric.
        rival: how they call what ``popularity`` is of.
        alone: what they say where ``champion`` is None.
        bootstrap: how intervals are made.

    Raises:
        ValueError: the arrays differ in length, or a value that is looked at is not a finite number.
    """
    bootstrap = bootstrap or Bootstrap()
    size = len(candidate)
    if not all(len(other) == size for other in (popularity, users, champion, fresh) if other is not None):
        raise ValueError("the arrays of the gate must have one value a case, each")
    over_popular = _difference(candidate, popularity, users, bootstrap)
    if over_popular is None:
        found = f"there are test cases of {len(np.unique(users))} users"
        return Decision(False, (f"not promoted: {found}, too few to compare with {rival}",), None)
    said = _said(over_popular, metric, users, bootstrap)
    if not over_popular.above_zero:
        verdict = "below" if over_popular.below_zero else "not surely above"
        return Decision(False, (f"not promoted: {verdict} {rival} ({said})",), over_popular)
    reasons = [f"above {rival} ({said})"]
    if champion is None:
        reasons.append(alone)
        return Decision(True, ("promoted: " + reasons[0], *reasons[1:]), over_popular)
    if fresh is None:
        raise ValueError("a champion's values need the cases that it has not seen")
    kept = np.asarray(fresh, bool)
    over_champion = _difference(candidate[kept], champion[kept], users[kept], bootstrap)
    if over_champion is None:
        left = len(np.unique(users[kept]))
        reasons.append(
            "not compared with the champion, which has seen "
            + (f"the cases of all but {left} users" if left else "every case")
            + " of this test window"
        )
        return Decision(True, ("promoted: " + reasons[0], *reasons[1:]), over_popular)
    said = _said(over_champion, metric, users[kept], bootstrap)
    if over_champion.below_zero:
        return Decision(
            False,
            (f"not promoted: below the champion on what the champion has not seen ({said})", *reasons),
            over_popular,
            over_champion,
        )
    verdict = "above" if over_champion.above_zero else "not below"
    reasons.append(f"{verdict} the champion on what the champion has not seen ({said})")
    return Decision(True, ("promoted: " + reasons[0], *reasons[1:]), over_popular, over_champion)


def _difference(a: np.ndarray, b: np.ndarray, users: np.ndarray, bootstrap: Bootstrap) -> Estimate | None:
    if len(np.unique(users)) < FEWEST_USERS:
        return None
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise ValueError("the gate was given a metric that is not a finite number")
    return bootstrap.difference(a, b, users)


def _said(difference: Estimate, metric: str, users: np.ndarray, bootstrap: Bootstrap) -> str:
    return (
        f"{metric} {difference.mean:+.4f}, {100 * bootstrap.level:g} % interval "
        f"[{difference.low:+.4f}, {difference.high:+.4f}] over {len(np.unique(users)):,} users"
    )
