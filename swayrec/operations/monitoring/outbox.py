"""Events on their way to a webhook: each is kept as a file until the receiver has taken it."""

import hashlib
import json
import logging
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from swayrec.operations.lock import held
from swayrec.operations.monitoring.sentence import Sentence
from swayrec.operations.workspace import written_whole
from swayrec.tables.errors import InputError

if TYPE_CHECKING:
    import httpx

WEBHOOK = "SWAYREC_WEBHOOK"
WEBHOOK_TOKEN = "SWAYREC_WEBHOOK_TOKEN"
CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"

_TRIES = 4
_FIRST_PAUSE = 0.5
_PATIENCE = 10.0
_REFUSED = ("HTTP 400", "HTTP 413", "HTTP 415", "HTTP 422")
_LATER = (408, 425, 429)
_KEPT = 1_000
"""Events that are remembered as taken, at most."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Webhook:
    """Where events go: ``url`` over HTTP(S), with ``token`` as bearer where there is one."""

    url: str
    token: str = ""

    @classmethod
    def of(cls, environment: Mapping[str, str] = os.environ) -> Self | None:
        """The one that the environment names; None = it names none.

        Raises:
            InputError: it is no address.
        """
        url = environment.get(WEBHOOK, "")
        if not url:
            return None
        if not url.startswith(("http://", "https://")):
            raise InputError(f"{WEBHOOK}: {url!r} is no address; give one that begins with https://")
        return cls(url, environment.get(WEBHOOK_TOKEN, ""))


@dataclass(frozen=True)
class Outbox:
    """A folder of events. What is put in goes out in the order of putting, each tried until it is taken.

    The same event is put and sent once, but for a process that dies between sending and remembering: a receiver knows
    it by its id. An event that the receiver refuses for what it is (HTTP 400, 413, 415, 422) is set aside under
    ``.refused``. ``pause`` waits so many seconds between two tries.
    """

    folder: Path
    pause: Callable[[float], None] = time.sleep

    def put(self, event: Mapping[str, Any]) -> None:
        """Keeps an event until it is taken; one with the id of an earlier one changes nothing."""
        name = hashlib.sha256(f"{event['source']} {event['id']}".encode()).hexdigest()[:16]
        with held(self.folder / ".lock", wait=True):
            if name in self._taken() or any(self.folder.glob(f"*-{name}.*")):
                return
            with written_whole(self.folder / f"{time.time_ns():020d}-{name}.event") as path:
                path.write_text(json.dumps(event, ensure_ascii=False), encoding="utf-8")

    def deliver(self, webhook: Webhook) -> Sentence | None:
        """Sends what waits; a sentence where the receiver did not take all of it, which stays for the next time."""
        import httpx

        headers = {"Content-Type": CONTENT_TYPE}
        if webhook.token:
            headers["Authorization"] = f"Bearer {webhook.token}"
        refused = ""
        with (
            held(self.folder / ".lock", wait=True),
            httpx.Client(timeout=_PATIENCE, headers=headers) as client,
        ):
            for path in self._waiting():
                why = self._sent(client, webhook.url, path.read_bytes())
                if why in _REFUSED:
                    path.rename(path.with_suffix(".refused"))
                    refused = why
                elif why:
                    return _not_taken(why, len(self._waiting()))
                else:
                    self._remember(path.stem.rpartition("-")[2])
                    path.unlink()
        return _set_aside(refused, self.folder) if refused else None

    def _sent(self, client: "httpx.Client", url: str, body: bytes) -> str:
        """Why an event was not taken; '' = it was. What the receiver says of its own accord is not tried again."""
        import httpx

        why = ""
        for number in range(_TRIES):
            if number:
                self.pause(_FIRST_PAUSE * 2 ** (number - 1))
            try:
                response = client.post(url, content=body)
            except httpx.HTTPError as error:
                why = type(error).__name__
                continue
            if response.is_success:
                return ""
            why = f"HTTP {response.status_code}"
            if not response.is_server_error and response.status_code not in _LATER:
                break
        _log.error("the webhook did not take an event: %s", why)
        return why

    def _waiting(self) -> list[Path]:
        return sorted(self.folder.glob("*.event"))

    def _taken(self) -> list[str]:
        try:
            return [str(name) for name in json.loads(self._ledger.read_text(encoding="utf-8"))]
        except (OSError, ValueError, TypeError):
            return []

    def _remember(self, name: str) -> None:
        with written_whole(self._ledger) as path:
            path.write_text(json.dumps([*self._taken(), name][-_KEPT:]), encoding="utf-8")

    @property
    def _ledger(self) -> Path:
        return self.folder / "taken.list"


def _not_taken(why: str, waiting: int) -> Sentence:
    return Sentence(
        f"The webhook did not take an event ({why}); {waiting} wait for the next run.",
        f"Webhook 未接收事件（{why}）；{waiting} 个事件等待下次发送。",
    )


def _set_aside(why: str, folder: Path) -> Sentence:
    return Sentence(
        f"The webhook refused an event ({why}); it lies in {folder} with the ending .refused.",
        f"Webhook 拒收事件（{why}）；该事件以 .refused 结尾保存在 {folder}。",
    )
