"""The server of the dashboard: it has its port before anything slow is imported, and Evidently's UI behind it."""

import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import Mapping
from types import FrameType
from typing import TYPE_CHECKING

from swayrec.operations.workspace import Workspace
from swayrec.tables.errors import InputError

if TYPE_CHECKING:
    from swayrec.operations.monitoring.viewer import Application, Receive, Scope, Send

GRACE = 5
"""Seconds that a request in progress has once the server is told to stop."""


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens.

    Raises:
        InputError: the port is taken or not to be had, or the address is none of this machine's.
    """
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        return socket.create_server(address[:2], family=family, backlog=128)
    except OSError as error:
        # A name that is none has a number of its own, below 0.
        number = error.errno or 0
        why = os.strerror(number) if number > 0 else error.strerror or str(error)
        raise InputError(f"cannot answer at {host}:{port}: {why}; give another --port or --host") from None


def doors(workspace: Workspace) -> "Mapping[str, Application]":
    """What answers beside the UI, by path: the last verdicts to Prometheus."""
    from prometheus_client import CONTENT_TYPE_LATEST
    from starlette.responses import Response

    from swayrec.operations.monitoring.gauges import exposition

    async def metrics(scope: "Scope", receive: "Receive", send: "Send") -> None:
        told = await asyncio.to_thread(exposition, workspace)
        await Response(told, media_type=CONTENT_TYPE_LATEST)(scope, receive, send)

    return {"/metrics": metrics}


def serve(workspace: Workspace, sock: socket.socket) -> None:
    """Serves until SIGINT or SIGTERM."""
    import uvicorn

    from swayrec.operations.monitoring.evidently_ui import evidently_ui
    from swayrec.operations.monitoring.viewer import Viewer

    app = Viewer(evidently_ui(workspace.evidently), doors(workspace))
    # Litestar tells all that it can.
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr, force=True)
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
    settings = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=GRACE,
    )
    # uvicorn passes the signal on when it has stopped.
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, _leave)
    uvicorn.Server(settings).run(sockets=[sock])


def _leave(number: int, frame: FrameType | None) -> None:
    """The server has stopped; so does the command."""
