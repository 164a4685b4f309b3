"""A fault of ours: its place goes to the log, under a number, and only the number to whoever asked."""

import logging
import traceback
import uuid
from http import HTTPStatus

from starlette.types import ASGIApp, Receive, Scope, Send

from serving.error_form import told

_log = logging.getLogger(__name__)


def numbered(error: BaseException) -> str:
    """Logs where a fault of ours happened, under a number for the caller, who is told nothing else.

    The error's own text stays out of the log: it may hold what was asked, ids included.
    """
    number = uuid.uuid4().hex
    frames = "".join(traceback.format_tb(error.__traceback__))
    _log.critical("request failed, number %s: %s\n%s", number, type(error).__name__, frames)
    return number


def fault(error: BaseException) -> str:
    """The sentence for a fault of ours, which the log explains."""
    return f"this request failed, number {numbered(error)}; the log says why"


class Faults:
    """ASGI middleware: what no handler knows is a fault of ours, told by its number."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        try:
            await self._app(scope, receive, send)
        except Exception as error:
            await told(HTTPStatus.INTERNAL_SERVER_ERROR, fault(error))(scope, receive, send)
