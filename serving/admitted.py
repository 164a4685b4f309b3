"""ASGI middleware that lets nobody in whom `serving.admission` refuses."""

from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from serving import tokens
from serving.admission import Admission, Asker
from serving.error_form import told

LOOKING = {"GET", "HEAD", "OPTIONS"}
"""The methods of health, readiness, metadata and metrics, which are open to everyone."""


def changing(needed: tokens.Scope) -> Callable[[str, str], tokens.Scope | None]:
    """What a door needs that has one scope for all but looking."""
    return lambda method, path: None if method in LOOKING else needed


class Admitted:
    """Answers 401, 403 or 429 before a body is read.

    ``needs`` says which scope a method on a path needs; None = it is open to everyone.
    """

    def __init__(
        self, app: ASGIApp, admission: Admission, needs: Callable[[str, str], tokens.Scope | None]
    ) -> None:
        self._app, self._admission, self._needs = app, admission, needs

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        needed = self._needs(scope["method"], scope["path"]) if scope["type"] == "http" else None
        if needed:
            refusal = self._admission.refusal(needed, _asker(scope))
            if refusal:
                await told(refusal.status, refusal.sentence, refusal.headers)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _asker(scope: Scope) -> Asker:
    headers = Headers(scope=scope)
    # As Gorse's clients send their token.
    key = headers.get("x-api-key", "")
    return Asker(
        peer=(scope.get("client") or ("",))[0],
        authorization=headers.get("authorization", "") or (key and f"Bearer {key}"),
        forwarded_for=",".join(headers.getlist("x-forwarded-for")),
    )
