"""The largest request body: a longer one is refused before it is read."""

from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.error_form import told

LONGEST_BODY = 8 * 1024 * 1024
"""Bytes of a request."""

_SENTENCE = f"the request's body is larger than {LONGEST_BODY // 2**20} MiB; ask with fewer questions at once"


class BodyLimit:
    """ASGI middleware that answers 413 to a body above :data:`LONGEST_BODY`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        said = Headers(scope=scope).get("content-length", "")
        if said.isdecimal() and int(said) > LONGEST_BODY:
            await told(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _SENTENCE)(scope, receive, send)
            return
        body = bytearray()
        more = True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                return  # The caller has gone.
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > LONGEST_BODY:
                await told(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _SENTENCE)(scope, receive, send)
                return
        whole: list[Message] = [{"type": "http.request", "body": bytes(body), "more_body": False}]

        async def read() -> Message:
            return whole.pop() if whole else await receive()

        await self._app(scope, read, send)
