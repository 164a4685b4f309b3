"""Another champion on a cluster: a canary that is watched, then promotion or withdrawal, by rule, and on record."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from swayrec.operations import experiment, served_models
from swayrec.operations.current import Current, follow
from swayrec.operations.experiment import Experiment
from swayrec.operations.lock import held
from swayrec.operations.registry import Registry
from swayrec.operations.rollout.inference_service import ChangedError, InferenceService, UnreachableError
from swayrec.operations.rollout.measured import Measured, NoFiguresError, Prometheus
from swayrec.operations.rollout.rules import Limits, less_taken, worse
from swayrec.operations.rollout.taken import Taken, taken
from swayrec.operations.version import Version
from swayrec.operations.workspace import Workspace
from swayrec.tables import objects
from swayrec.tables.errors import InputError
from swayrec.tables.posted import Posted

_TAG = "rollout"


@dataclass(frozen=True)
class Plan:
    """How a version is let in.

    ``share`` of the users get it first (0 = no canary), for ``minutes``; every ``every`` seconds it is looked how both
    do. A predictor has ``patience`` seconds to become ready. Figures, or the API server, may be away ``gaps`` times
    in a row.
    """

    share: float = 0.1
    minutes: float = 60.0
    every: float = 30.0
    patience: float = 900.0
    gaps: int = 10
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class Outcome:
    """Whether the version serves now, and why or why not, in words."""

    promoted: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Clock:
    """The time of day in epoch seconds, and how to wait some."""

    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep


class _RefusedError(Exception):
    """The version must not serve; the message says why."""


@dataclass(frozen=True)
class Rollout:
    """Brings versions of a workspace's scenario into a service.

    Args:
        workspace: that the service's transformers read; the registry's models are in object storage.
        service: that serves.
        figures: where the transformers' metrics are; None = a canary cannot be watched, so there is none.
        posted: exports what was posted to a scenario's intake.
        say: told how it goes on.
    """

    workspace: Workspace
    service: InferenceService
    figures: Prometheus | None = None
    posted: Callable[[str], Posted | None] = lambda scenario: None
    say: Callable[[str], None] = lambda text: None
    clock: Clock = field(default_factory=Clock)

    def promote(self, version: Version, plan: Plan) -> Outcome:
        """Lets a version in as the plan says, makes it the registry's champion, and keeps a record with the version.

        One that was interrupted goes on where it is called again. Whatever goes wrong, the former champion serves.

        Raises:
            InputError: another rollout is at work; the version's model is where no cluster can take it from; or the
                cluster, or Prometheus, cannot be asked at all.
        """
        with self._alone():
            self._check(version, plan)
            return self._recorded(version, plan, lambda former: self._let_in(version, former, plan))

    def rollback(self, scenario: str, plan: Plan) -> tuple[Version, Outcome]:
        """Gives the champion's place back to the version that had it before, at once and without a canary.

        Raises:
            InputError: there is no champion, or none before it; or as :meth:`promote`.
        """
        with self._alone():
            registry = Registry(self.workspace)
            champion = registry.champion(scenario)
            if champion is None or champion.previous is None:
                raise InputError(
                    f"scenario {scenario}: there is no champion before the present one to roll back to"
                )
            version = registry.show(champion.previous, scenario)
            plan = replace(plan, share=0.0)
            self._check(version, plan)

            def back(former: str) -> tuple[str, ...]:
                self._take_over(version, former, plan)
                return (f"in place of version {champion.number}, by a rollback",)

            return version, self._recorded(version, plan, back, rollback=True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with held(self.workspace.root / "rollout.lock") as file:
            if file is None:
                raise InputError(f"{self.workspace.root}: another rollout is at work; wait for its end")
            yield

    def _check(self, version: Version, plan: Plan) -> None:
        if not objects.is_remote(version.source):
            raise InputError(
                f"version {version.name} lies at {version.source}, where no cluster can take it from; keep the "
                "registry in object storage (SWAYREC_ARTIFACTS=s3://BUCKET/KEY) and register it there"
            )
        if plan.share > 0:
            if self.figures is None:
                raise InputError(
                    "a canary is judged by what Prometheus has; say where it is, or give a share of 0"
                )
            self.figures.side("nobody/challenger", 60.0)

    def _recorded(
        self,
        version: Version,
        plan: Plan,
        work: Callable[[str], tuple[str, ...]],
        *,
        rollback: bool = False,
    ) -> Outcome:
        registry = Registry(self.workspace)
        former, begun = self._former(), self._now()
        note = {
            "share": f"{plan.share:g}",
            "service": self.service.label,
            "begun": begun.isoformat(timespec="seconds"),
        }
        registry.note(version, _TAG, {**note, "state": "begun"})
        try:
            reasons = work(former)
        except (_RefusedError, ChangedError, UnreachableError) as refused:
            outcome = Outcome(False, (str(refused),))
        else:
            chosen = registry.rollback(version.scenario) if rollback else registry.promote(version)
            follow(self.workspace, chosen)
            outcome = Outcome(True, reasons)
        self._end_experiment(version)
        try:
            # After a promotion too: it is one predictor too many.
            self.service.withdraw_canary(former if not outcome.promoted else version.source)
        except (ChangedError, UnreachableError) as error:
            left = f"the canary may run on ({error}); ask for the same again when the cluster answers"
            outcome = replace(outcome, reasons=(*outcome.reasons, left))
        state = "promoted" if outcome.promoted else "withdrawn"
        ended = self._now().isoformat(timespec="seconds")
        registry.note(version, _TAG, {"state": state, "ended": ended, "why": "; ".join(outcome.reasons)})
        self.say(f"version {version.name} is {state}: {'; '.join(outcome.reasons)}")
        return outcome

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self.clock.now(), UTC)

    def _former(self) -> str:
        """What serves before the rollout, also where one is taken up again whose canary runs."""
        current = self.workspace.current.exists() and Current.read(self.workspace)
        now, canary = self.service.uri(), self.service.canary_uri()
        if canary is None or canary != now or not current:
            return now
        # Knative's storageUri is the canary's already: the registry knows what it was before.
        return Registry(self.workspace).show(current.version, current.name).source

    def _let_in(self, version: Version, former: str, plan: Plan) -> tuple[str, ...]:
        if former == version.source:
            return ("it serves already",)
        if plan.share <= 0:
            self._take_over(version, former, plan)
            return ("without a canary, as asked for",)
        if Registry(self.workspace).champion(version.scenario) is None:
            self._take_over(version, former, plan)
            return ("without a canary: there is no champion to compare with",)
        if self.workspace.current.exists() and Current.read(self.workspace).version == version.number:
            self._take_over(version, former, plan)
            return (
                "without a canary: it is the workspace's champion already, and cannot be its own challenger",
            )
        other = experiment.read(self.workspace)
        if other is not None and other.version != version.number:
            raise _RefusedError(f"the experiment {other.name} runs; end it first (`swayrec experiment end`)")
        self.say(f"a canary of version {version.name} begins, for {plan.share:.0%} of the users")
        self.service.begin_canary(version.source, plan.share)
        self._wait("the canary", plan)
        try:
            running = experiment.start(
                self.workspace, version, plan.share, address=self.service.canary_address(), now=self._now()
            )
        except InputError as error:
            raise _RefusedError(str(error)) from None
        reasons = self._watched(running, plan)
        self._take_over(version, former, plan)
        return reasons

    def _take_over(self, version: Version, former: str, plan: Plan) -> None:
        """Serves a version; where it does not become ready, the former one again."""
        if self.workspace.current.exists():
            # While pods are replaced, either version may answer; the transformers must know both.
            served_models.follow_both(self.workspace, version.model)
        self.service.serve(version.source, former)
        try:
            self._wait(f"version {version.name}", plan)
        except _RefusedError:
            self.service.serve(former, version.source)
            if self.workspace.current.exists():
                served_models.follow(self.workspace)
            raise

    def _wait(self, what: str, plan: Plan) -> None:
        """Until the service is ready with what was asked for last."""
        until, gaps = self.clock.now() + plan.patience, 0
        while True:
            # Before the first look too: KServe needs a moment to see a change.
            self.clock.sleep(min(plan.every, 5.0))
            try:
                found, gaps = self.service.progress(), 0
            except UnreachableError as error:
                gaps += 1
                if gaps > plan.gaps:
                    raise _RefusedError(str(error)) from None
                continue
            if found.ready:
                return
            if found.failed:
                raise _RefusedError(f"{what} cannot be served: {found.why}")
            if self.clock.now() > until:
                raise _RefusedError(f"{what} was not ready within {plan.patience:g} s: {found.why}")

    def _watched(self, running: Experiment, plan: Plan) -> tuple[str, ...]:
        """What the canary showed, in words, where nothing speaks against it to the end."""
        assert self.figures is not None
        # One that was taken up again counts from its first beginning.
        begun = datetime.fromisoformat(running.started_at).timestamp()
        gaps = 0
        while True:
            self.clock.sleep(plan.every)
            span = self.clock.now() - begun
            over = span >= 60.0 * plan.minutes
            try:
                champion, challenger = (
                    self.figures.side(running.variant(side), span) for side in ("champion", "challenger")
                )
            except NoFiguresError as error:
                gaps += 1
                if gaps > plan.gaps or over:
                    raise _RefusedError(f"nobody knows how the canary does: {error}") from None
                continue
            gaps = 0
            if experiment.read(self.workspace) != running:
                raise _RefusedError(f"the experiment {running.name} was ended or changed by somebody else")
            lists = taken(
                self.workspace.exposures / running.scenario,
                self.posted(running.scenario),
                running.name,
                begun,
            )
            against = [
                *worse(champion, challenger, plan.limits),
                *less_taken(lists["champion"], lists["challenger"], plan.limits),
            ]
            if against:
                raise _RefusedError("; ".join(against))
            if over:
                if challenger.questions < plan.limits.least:
                    raise _RefusedError(
                        f"only {challenger.questions:g} questions came to the challenger in {plan.minutes:g} minutes, "
                        f"too few to judge it by ({plan.limits.least})"
                    )
                return _told(champion, challenger, lists["champion"], lists["challenger"])

    def _end_experiment(self, version: Version) -> None:
        running = experiment.read(self.workspace)
        if running is not None and running.version == version.number and running.address:
            experiment.end(self.workspace)


def _told(champion: Measured, challenger: Measured, its: Taken, mine: Taken) -> tuple[str, ...]:
    return (
        f"{challenger.questions:g} questions, p99 {challenger.p99:.3f} s beside {champion.p99:.3f} s",
        f"{challenger.failures:g} failures beside {champion.failures:g} of {champion.questions:g}",
        f"taken from {mine.taken} of {mine.lists} lists beside {its.taken} of {its.lists}",
    )
