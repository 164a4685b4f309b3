"""The verdict on a window: which checks give an alarm, and what is to be done; no flapping, however often one looks."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from swayrec.operations.monitoring import wording
from swayrec.operations.monitoring.evidence import bound, e_value, gathered, strongest
from swayrec.operations.monitoring.result import Result
from swayrec.operations.monitoring.sentence import Sentence
from swayrec.operations.monitoring.window import Window
from swayrec.tables.scenario_monitoring import Action, Check, Monitoring

QUIET = 0.2
"""A p-value above this is quiet: nothing speaks for an alarm any more."""

Said = Literal["pass", "warn", "stop the canary", "retrain", "roll back"]


@dataclass(frozen=True)
class CheckState:
    """Where a check stands after a window: its evidence; whether it gives an alarm, since how many windows, and how
    many of the last were quiet.
    """

    evidence: float = 0.0
    alarm: bool = False
    lasted: int = 0
    quiet: int = 0

    def after(self, p: float, bar: float, calm: int) -> "CheckState":
        """After one more window: an alarm begins where evidence reaches ``bar``, and ends after ``calm`` quiet ones."""
        evidence = gathered(self.evidence, e_value(p))
        if not self.alarm:
            begins = evidence >= bar
            return CheckState(evidence, begins, int(begins), 0)
        quiet = self.quiet + 1 if p > QUIET else 0
        if quiet >= calm:
            return CheckState()
        return CheckState(evidence, True, self.lasted + 1, quiet)


@dataclass(frozen=True)
class State:
    """Where all stands: the checks, by name, of one champion, and of the experiment ``canary`` beside it ('' = none);
    and the start of the window that last asked for a retraining.
    """

    champion: int
    checks: Mapping[str, CheckState] = field(default_factory=dict)
    retrained: float | None = None
    canary: str = ""

    def of(self, champion: int, canary: str = "") -> "State":
        """The same for this champion and this experiment: evidence against another one counts no more."""
        if champion != self.champion:
            return State(champion, {}, self.retrained, canary)
        if canary == self.canary:
            return self
        kept = {name: state for name, state in self.checks.items() if name != "canary"}
        return State(champion, kept, self.retrained, canary)

    def to_json(self) -> dict[str, Any]:
        """As a verdict keeps it."""
        return asdict(self)

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "State":
        """What :meth:`to_json` gave."""
        checks = {name: CheckState(**each) for name, each in told["checks"].items()}
        return cls(int(told["champion"]), checks, told["retrained"], told.get("canary", ""))


@dataclass(frozen=True)
class Decided:
    """A verdict: what is to be done and why, a row a check, and where all stands now.

    ``actions`` are all that is to be done; ``said`` names the gravest.
    """

    said: Said
    actions: tuple[Action, ...]
    reasons: tuple[Sentence, ...]
    rows: tuple[dict[str, Any], ...]
    state: State


def decided(
    policy: Monitoring, results: Mapping[Check, Result | None], former: State, window: Window
) -> Decided:
    """What is to be done after a window.

    Args:
        policy: the scenario's.
        results: of the checks that could be judged; None, or absent = not judged: where it stands is kept.
        former: where all stood before, for the champion that is judged.
        window: which.
    """
    watched = policy.watched
    bar = bound(sum(each.action != "nothing" for each in watched.values()), policy.false_alarms)
    states, rows, reasons = dict(former.checks), [], []
    for name, how in watched.items():
        result, state = results.get(name), states.get(name, CheckState())
        if result is None:
            rows.append(_row(name, how.action, state, bar, judged=False))
            if state.alarm:
                reasons.append(_goes_on(name))
            continue
        part, p = strongest(result, how.tolerance)
        if how.action != "nothing":
            state = states[name] = state.after(p, bar, policy.calm)
        row = _row(name, how.action, state, bar, judged=True)
        rows.append({**row, **result.to_json(part), "tolerance": how.tolerance, "p": p})
        if state.alarm:
            reasons.append(wording.alarm(name, part, how.tolerance, state.lasted))
    alarms = [name for name in watched if name in states and states[name].alarm]
    faulty = [name for name in alarms if watched[name].data]
    retraining, why, retrained = _retraining(policy, states, alarms, faulty, former, window)
    said, actions, more = _said(policy, alarms, faulty, retraining)
    stands = replace(former, checks=states, retrained=retrained)
    return Decided(said, actions, (*reasons, *why, *more), tuple(rows), stands)


def _said(
    policy: Monitoring, alarms: Sequence[Check], faulty: list[Check], retraining: bool
) -> tuple[Said, tuple[Action, ...], list[Sentence]]:
    """What is to be done, the gravest first, all of it, and why something is not."""
    wanted = {policy.watched[name].action for name in alarms}
    why = []
    if "roll_back" in wanted and faulty:
        wanted.discard("roll_back")
        why.append(wording.held_back_by_data(faulty))
    asked: list[tuple[Said, Action, bool]] = [
        ("roll back", "roll_back", "roll_back" in wanted),
        ("retrain", "retrain", retraining),
        ("stop the canary", "stop_canary", "stop_canary" in wanted),
    ]
    done = [(said, action) for said, action, is_asked in asked if is_asked]
    if not done:
        return "warn" if alarms else "pass", (), why
    return done[0][0], tuple(action for _, action in done), why


def _retraining(
    policy: Monitoring,
    states: Mapping[str, CheckState],
    alarms: Sequence[Check],
    faulty: list[Check],
    former: State,
    window: Window,
) -> tuple[bool, list[Sentence], float | None]:
    """Whether to retrain, why not although a check asks for it, and the window that last asked."""
    watched = policy.watched
    asking = [name for name in alarms if watched[name].action == "retrain"]
    ripe = [name for name in asking if states[name].lasted >= policy.patience and not states[name].quiet]
    if not ripe:
        why = [
            wording.waiting(name, states[name].lasted, policy.patience)
            for name in asking
            if states[name].lasted < policy.patience
        ]
        return False, why, former.retrained
    if faulty:
        return False, [wording.held_back_by_data(faulty)], former.retrained
    if former.retrained is not None:
        since = round((window.start - former.retrained) / (window.end - window.start))
        if since <= policy.cool_down:
            return False, [wording.cooling_down(policy.cool_down + 1 - since)], former.retrained
    return True, [], window.start


def _row(check: Check, action: str, state: CheckState, bar: float, *, judged: bool) -> dict[str, Any]:
    title = wording.TITLES[check].to_json()
    about = {"check": check, "title": title, "action": action, "judged": judged, "alarm": state.alarm}
    return {**about, "evidence": state.evidence, "bar": bar}


def _goes_on(check: Check) -> Sentence:
    title = wording.TITLES[check]
    return Sentence(
        f"{title.en}: the alarm goes on; this window could not be judged.",
        f"{title.zh}：告警仍在持续；本窗口无法判定。",
    )
