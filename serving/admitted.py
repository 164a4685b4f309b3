"""ASGI middleware that lets nobody in whom `serving.admission` refuses."""

from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from serving import tokens
from serving.admission import Admission, Asker
from serving.error_form import told

_LOOKING = {"GET", "HEAD", "OPTIONS"}
"""Health, readiness, metadata and metrics: open to everyone."""


class Admitted:
    """Answers 401, 403 or 429 before a body is read.

    ``needs`` says which scope a path needs.
    """

    def __init__(self, app: ASGIApp, admission: Admission, needs: Callable[[str], tokens.Scope]) -> None:
        self._app, self._admission, self._needs = app, admission, needs

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] == "http" and scope["method"] not in _LOOKING:
            refusal = self._admission.refusal(self._needs(scope["path"]), _asker(scope))
            if refusal:
                await told(refusal.status, refusal.sentence, refusal.headers)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _asker(scope: Scope) -> Asker:
    headers = Headers(scope=scope)
    return Asker(
        peer=(scope.get("client") or ("",))[0],
        authorization=headers.get("authorization", ""),
        forwarded_for=",".join(headers.getlist("x-forwarded-for")),
    )
