"""The predictor process: a SavedModel behind TensorFlow Serving's gRPC API.

``python -m serving.predictor --model-base-path DIR --port N``. The port answers once the model is loaded and
warm. The only process of serving that imports TensorFlow.
"""

import argparse
import asyncio
import logging
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from serving.versions import newest
from swayrec.operations import tether
from swayrec.tables.errors import InputError

if TYPE_CHECKING:
    from serving.servable import Servable

MODEL = "swayrec"
LONGEST_MESSAGE = 64 * 1024 * 1024
_GRACE = 5.0


async def serve(servable: "Servable", name: str, host: str, port: int) -> None:
    """Serves until SIGTERM or SIGINT; requests in flight are finished first.

    Raises:
        InputError: the port is taken.
    """
    import grpc
    from grpc_health.v1 import health, health_pb2_grpc

    from serving.prediction_service import PredictionService

    sizes = [
        ("grpc.max_receive_message_length", LONGEST_MESSAGE),
        ("grpc.max_send_message_length", LONGEST_MESSAGE),
    ]
    # Without so_reuseport a second server on the port fails instead of sharing its callers.
    server = grpc.aio.server(options=[*sizes, ("grpc.so_reuseport", 0)])
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as workers:
        PredictionService(name, servable, workers).register(server)
        state = health.aio.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(state, server)
        try:
            server.add_insecure_port(f"{host}:{port}")
        except RuntimeError:
            raise InputError(
                f"port {port} is in use; stop the program that holds it or give another"
            ) from None
        await server.start()
        logging.info("model %s, version %s, answers on %s:%s", name, servable.version, host, port)
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await stop.wait()
        await state.enter_graceful_shutdown()
        await server.stop(_GRACE)


def main() -> None:
    """Reads the command line, loads the newest version and serves it."""
    parser = argparse.ArgumentParser(prog="python -m serving.predictor", description="Serves a SavedModel.")
    parser.add_argument(
        "--model-base-path", type=Path, required=True, help="the folder with numbered versions"
    )
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--host", default="127.0.0.1", help="default: loopback only")
    parser.add_argument("--model-name", default=MODEL)
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    tether.hold()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        newest(given.model_base_path)  # Before TensorFlow's ten seconds of import.
        from serving import servable

        loaded = servable.load(given.model_base_path)
        loaded.warm()
        asyncio.run(serve(loaded, given.model_name, given.host, given.port))
    except InputError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
