"""How a canary is watched: both sides of its experiment, until a rule speaks against it or the time is up."""

from collections.abc import Callable, Iterable
from datetime import datetime

from swayrec.operations import experiment
from swayrec.operations.experiment import Experiment
from swayrec.operations.rollout.measured import Measured, NoFiguresError, Prometheus
from swayrec.operations.rollout.plan import Clock, Plan, RefusedError
from swayrec.operations.rollout.rules import less_taken, worse
from swayrec.operations.rollout.taken import Pair, Posted, Taken, taken
from swayrec.operations.workspace import Workspace


def watched(
    workspace: Workspace,
    running: Experiment,
    plan: Plan,
    figures: Prometheus,
    posted: Posted,
    clock: Clock,
) -> tuple[str, ...]:
    """What a canary showed, in words, where nothing speaks against it to the end.

    Args:
        workspace: that the transformers read.
        running: the experiment that the canary is a side of.
        plan: how long and how often.
        figures: where the transformers' metrics are.
        posted: opens the intake's log, which is read on from look to look.
        clock: the time.

    Raises:
        RefusedError: it must go; says why.
    """
    # One that was taken up again counts from its first beginning.
    begun = datetime.fromisoformat(running.started_at).timestamp()
    with posted(running.scenario, begun) as newly:
        return _until_the_end(workspace, running, plan, figures, newly, clock, begun)


def _until_the_end(
    workspace: Workspace,
    running: Experiment,
    plan: Plan,
    figures: Prometheus,
    newly: Callable[[], Iterable[Pair]],
    clock: Clock,
    begun: float,
) -> tuple[str, ...]:
    gaps = 0
    pairs: set[Pair] = set()
    while True:
        clock.sleep(plan.every)
        span = clock.now() - begun
        over = span >= 60.0 * plan.minutes
        try:
            champion, challenger = (
                figures.side(running.variant(side), span) for side in ("champion", "challenger")
            )
        except NoFiguresError as error:
            gaps += 1
            if gaps > plan.gaps or over:
                raise RefusedError(f"nobody knows how the canary does: {error}") from None
            continue
        gaps = 0
        if experiment.read(workspace) != running:
            raise RefusedError(f"the experiment {running.name} was ended or changed by somebody else")
        pairs.update(newly())
        lists = taken(workspace.exposures / running.scenario, pairs, running.name, begun)
        against = [
            *worse(champion, challenger, plan.limits),
            *less_taken(lists["champion"], lists["challenger"], plan.limits),
        ]
        if against:
            raise RefusedError("; ".join(against))
        if over:
            if challenger.questions < plan.limits.least:
                raise RefusedError(
                    f"only {challenger.questions:g} questions came to the challenger in {plan.minutes:g} minutes, "
                    f"too few to judge it by ({plan.limits.least})"
                )
            return _told(champion, challenger, lists["champion"], lists["challenger"])


def _told(champion: Measured, challenger: Measured, its: Taken, mine: Taken) -> tuple[str, ...]:
    return (
        f"{challenger.questions:g} questions, p99 {challenger.p99:.3f} s beside {champion.p99:.3f} s",
        f"{challenger.failures:g} failures beside {champion.failures:g} of {champion.questions:g}",
        f"taken from {mine.taken} of {mine.lists} lists beside {its.taken} of {its.lists}",
    )
