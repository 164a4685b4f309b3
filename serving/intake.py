"""The intake process: takes events and items, keeps them for good, and shows them to the next recommendation.

``python -m serving.intake --workspace DIR --port N [--log redis://HOST:PORT/N]``. It imports no TensorFlow.
"""

import argparse
import logging
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import uvicorn

from serving import logs
from serving.intake_app import Intake
from serving.protection import Protection
from serving.pusher import Pusher
from serving.retention import Pruning, events_days
from serving.served_shape import ServedShape
from swayrec.operations import tether
from swayrec.operations.workspace import Workspace
from swayrec.tables.errors import InputError

if TYPE_CHECKING:
    from serving.feast_shelf import FeastShelf

_GRACE = 5


def serve(workspace: Workspace, host: str, port: int, url: str | None = None) -> None:
    """Serves until SIGTERM or SIGINT; requests in hand are answered first.

    Args:
        workspace: a trained one.
        host: where it answers.
        port: the same.
        url: the Redis of the event log; None = it is a file of the workspace.

    Raises:
        InputError: nothing has been trained in the workspace, another intake has its log, or the protection is
            set wrongly.
    """
    shape = ServedShape(workspace)
    log = logs.log(workspace, shape.held.scenario, url)

    def opened() -> "FeastShelf":
        # Feast takes seconds to import; events are taken meanwhile.
        from serving.feast_shelf import FeastShelf

        return FeastShelf(workspace, log, shape)

    pusher = Pusher(log, opened)
    app = Intake(log, pusher, lambda: shape.held, Protection.of().admission()).app()
    settings = uvicorn.Config(
        app,
        host,
        port,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        # uvicorn would believe X-Forwarded-For of everyone on this machine; `serving.client_address` does not.
        proxy_headers=False,
        timeout_graceful_shutdown=_GRACE,
    )
    # uvicorn passes the signal on when it has stopped.
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, _leave)
    pruning = Pruning(log, lambda: events_days(workspace), lambda: pusher.pushed)
    pusher.start()
    pruning.start()
    try:
        uvicorn.Server(settings).run()
    finally:
        pruning.stop()
        pusher.stop()
        log.close()


def main() -> None:
    """Reads the command line and serves."""
    parser = argparse.ArgumentParser(prog="python -m serving.intake", description="Takes events and items.")
    parser.add_argument("--workspace", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--host", default="127.0.0.1", help="default: loopback only")
    parser.add_argument(
        "--log",
        metavar="redis://HOST:PORT/DATABASE",
        help=f"the event log (default: that of {logs.URL}, or else a file in the workspace)",
    )
    given = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    tether.hold()
    try:
        serve(Workspace(given.workspace), given.host, given.port, given.log)
    except InputError as error:
        sys.exit(f"error: {error}")


def _leave(number: int, frame: FrameType | None) -> None:
    sys.exit(0)


if __name__ == "__main__":
    main()
