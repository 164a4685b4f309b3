"""Another champion on a cluster: a canary that is watched, then promotion or withdrawal, by rule, and on record."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property

from swayrec.operations import experiment, served_models
from swayrec.operations.current import Current, follow
from swayrec.operations.lock import held
from swayrec.operations.registry import Registry
from swayrec.operations.rollout.inference_service import InferenceService
from swayrec.operations.rollout.kube_object import ChangedError, UnreachableError
from swayrec.operations.rollout.measured import Prometheus
from swayrec.operations.rollout.plan import Clock, Outcome, Plan, RefusedError
from swayrec.operations.rollout.taken import Posted, nothing_posted
from swayrec.operations.rollout.watching import watched
from swayrec.operations.version import Version
from swayrec.operations.workspace import Workspace
from swayrec.tables import objects
from swayrec.tables.errors import InputError

_TAG = "rollout"


@dataclass(frozen=True)
class Rollout:
    """Brings versions of a workspace's scenario into a service.

    Args:
        workspace: that the service's transformers read; the registry's models are in object storage.
        service: that serves.
        figures: where the transformers' metrics are; None = a canary cannot be watched, so there is none.
        posted: opens the intake's log of a scenario, for what people took.
        say: told how it goes on.
    """

    workspace: Workspace
    service: InferenceService
    figures: Prometheus | None = None
    posted: Posted = nothing_posted
    say: Callable[[str], None] = lambda text: None
    clock: Clock = field(default_factory=Clock)

    @cached_property
    def _registry(self) -> Registry:
        return Registry(self.workspace)

    @property
    def _current(self) -> Current | None:
        """What the workspace stands at; None where nothing was ever deployed there."""
        return Current.read(self.workspace) if self.workspace.current.exists() else None

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
            champion = self._registry.champion(scenario)
            if champion is None or champion.previous is None:
                raise InputError(
                    f"scenario {scenario}: there is no champion before the present one to roll back to"
                )
            version = self._registry.show(champion.previous, scenario)
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
        registry, former, begun = self._registry, self._former(), self._now()
        note = {
            "share": f"{plan.share:g}",
            "service": self.service.label,
            "begun": begun.isoformat(timespec="seconds"),
        }
        registry.note(version, _TAG, {**note, "state": "begun"})
        try:
            reasons = work(former)
        except (RefusedError, ChangedError, UnreachableError) as refused:
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
        current, now, canary = self._current, self.service.uri(), self.service.canary_uri()
        if canary is None or canary != now or current is None:
            return now
        # Knative's storageUri is the canary's already: the registry knows what it was before.
        return self._registry.show(current.version, current.name).source

    def _let_in(self, version: Version, former: str, plan: Plan) -> tuple[str, ...]:
        if former == version.source:
            return ("it serves already",)
        if plan.share <= 0:
            self._take_over(version, former, plan)
            return ("without a canary, as asked for",)
        if self._registry.champion(version.scenario) is None:
            self._take_over(version, former, plan)
            return ("without a canary: there is no champion to compare with",)
        current = self._current
        if current is not None and current.version == version.number:
            self._take_over(version, former, plan)
            return (
                "without a canary: it is the workspace's champion already, and cannot be its own challenger",
            )
        other = experiment.read(self.workspace)
        if other is not None and other.version != version.number:
            raise RefusedError(f"the experiment {other.name} runs; end it first (`swayrec experiment end`)")
        self.say(f"a canary of version {version.name} begins, for {plan.share:.0%} of the users")
        self.service.begin_canary(version.source, plan.share)
        self._wait("the canary", plan)
        try:
            running = experiment.start(
                self.workspace, version, plan.share, address=self.service.canary_address(), now=self._now()
            )
        except InputError as error:
            raise RefusedError(str(error)) from None
        assert self.figures is not None
        reasons = watched(self.workspace, running, plan, self.figures, self.posted, self.clock)
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
        except RefusedError:
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
                    raise RefusedError(str(error)) from None
                continue
            if found.ready:
                return
            if found.failed:
                raise RefusedError(f"{what} cannot be served: {found.why}")
            if self.clock.now() > until:
                raise RefusedError(f"{what} was not ready within {plan.patience:g} s: {found.why}")

    def _end_experiment(self, version: Version) -> None:
        running = experiment.read(self.workspace)
        if running is not None and running.version == version.number and running.address:
            experiment.end(self.workspace)
