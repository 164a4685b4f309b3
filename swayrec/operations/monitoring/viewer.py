"""Evidently's UI as a viewer: an ASGI application that refuses what changes anything, with other doors beside it."""

import json
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

READS = ("GET", "HEAD", "OPTIONS")
ASKS = re.compile(r"/api/v2/snapshots/[0-9a-f-]{36}/data_series_batch")
"""The one request of the UI that reads with a POST: the numbers of a panel."""

POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; worker-src 'self' blob:; frame-ancestors 'self'"
)
"""What a browser may load: nothing that is not from here."""

REFUSED = "This is a viewer: nothing can be changed or deleted here. `swayrec monitor` adds runs and panels."


class Viewer:
    """Evidently's UI without its writes, and further doors.

    Args:
        ui: Evidently's application.
        doors: applications by the path that each answers, such as ``/metrics``; they take what methods they like.
    """

    def __init__(self, ui: Application, doors: Mapping[str, Application] | None = None) -> None:
        self._ui, self._doors = ui, dict(doors or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers, as ASGI asks for."""
        if scope["type"] != "http":
            await self._ui(scope, receive, send)
            return
        path, method = scope["path"], scope["method"]
        if path in self._doors:
            await self._doors[path](scope, receive, send)
        elif method in READS or (method == "POST" and ASKS.fullmatch(path)):
            await self._ui(scope, receive, _guarded(send))
        else:
            await _refuse(send)


def _guarded(send: Send) -> Send:
    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [
                *message.get("headers", ()),
                (b"content-security-policy", POLICY.encode()),
                (b"x-content-type-options", b"nosniff"),
                (b"referrer-policy", b"no-referrer"),
            ]
            message = {**message, "headers": headers}
        await send(message)

    return guarded


async def _refuse(send: Send) -> None:
    body = json.dumps({"detail": REFUSED}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"allow", ", ".join(READS).encode()),
    ]
    await send({"type": "http.response.start", "status": 405, "headers": headers})
    await send({"type": "http.response.body", "body": body})
