"""Who is told of verdicts and retrainings: a webhook, where the environment names one."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from swayrec.operations.monitoring import verdict_events
from swayrec.operations.monitoring.outbox import Outbox, Webhook
from swayrec.operations.monitoring.retraining import Retraining
from swayrec.operations.monitoring.sentence import Sentence
from swayrec.operations.monitoring.series import Series, Verdict, window_of

OUTBOX = "outbox"


def verdicts(folder: Path, made: Sequence[Verdict]) -> list[Sentence]:
    """Tells of verdicts and of what waits from before; what the webhook did not take.

    Args:
        folder: of the scenario's series, which holds them already.
        made: oldest first.

    Raises:
        InputError: the webhook is no address.
    """
    return _sent(folder, _of_verdicts(folder, made))


def retraining(folder: Path, record: Retraining) -> list[Sentence]:
    """Tells of a retraining; what the webhook did not take.

    Raises:
        InputError: the webhook is no address.
    """
    return _sent(folder, map(verdict_events.of_retraining, [record]))


def _of_verdicts(folder: Path, made: Sequence[Verdict]) -> Iterator[dict[str, Any]]:
    series = Series.read(folder)
    for verdict in made:
        event = verdict_events.of_verdict(verdict, series.before(window_of(verdict)))
        if event is not None:
            yield event


def _sent(folder: Path, events: Iterator[dict[str, Any]]) -> list[Sentence]:
    """Sends events after what waits from before; they are made only where there is a webhook."""
    webhook = Webhook.of()
    if webhook is None:
        return []
    outbox = Outbox(folder / OUTBOX)
    for event in events:
        outbox.put(event)
    failed = outbox.deliver(webhook)
    return [] if failed is None else [failed]
