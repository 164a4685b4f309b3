"""The predictor process: the versions of a SavedModel behind TensorFlow Serving's gRPC API.

``python -m serving.predictor --model-base-path DIR --port N``. The port answers once a version is loaded and
warm. The only process of serving that imports TensorFlow. Its options are named as those of
``tensorflow_model_server``.
"""

import argparse
import asyncio
import gc
import logging
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from serving.protection import Protection
from swayrec.learning.exports import newest
from swayrec.operations import tether
from swayrec.tables.errors import InputError

if TYPE_CHECKING:
    from serving.batching import Batching
    from serving.servable import Servable
    from serving.version_policy import VersionPolicy

MODEL = "swayrec"
LONGEST_MESSAGE = 64 * 1024 * 1024
_GRACE = 5.0


async def serve(
    given: argparse.Namespace,
    name: str,
    base_path: Path,
    policy: "VersionPolicy",
    batching: "Batching | None",
) -> None:
    """Serves until SIGTERM or SIGINT; requests in flight are finished first.

    Raises:
        InputError: the port is taken, no version can be loaded, or the protection is set wrongly.
    """
    import grpc
    from grpc_health.v1 import health, health_pb2_grpc

    from serving.admitted_grpc import AdmittedInterceptor
    from serving.loaded_versions import LoadedVersions
    from serving.model_service import NEEDS, ModelService
    from serving.prediction_service import PredictionService

    sizes = [
        ("grpc.max_receive_message_length", LONGEST_MESSAGE),
        ("grpc.max_send_message_length", LONGEST_MESSAGE),
    ]
    # Without so_reuseport a second server on the port fails instead of sharing its callers.
    server = grpc.aio.server(
        interceptors=[AdmittedInterceptor(Protection.of().admission(), NEEDS)],
        options=[*sizes, ("grpc.so_reuseport", 0)],
    )
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as workers:
        load = partial(_loaded, together=batching is not None)
        versions = LoadedVersions(
            name, base_path, policy, load, workers, batching, given.load_retry_interval_seconds
        )
        await versions.look()
        if not versions.available:
            errors = [version.error for version in versions.versions.values() if version.error]
            raise InputError(
                errors[0] if errors else f"{base_path}: the version policy wants none of the versions there"
            )
        PredictionService(versions).register(server)
        ModelService(versions).register(server)
        state = health.aio.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(state, server)
        try:
            server.add_insecure_port(f"{given.host}:{given.port}")
        except RuntimeError:
            raise InputError(
                f"port {given.port} is in use; stop the program that holds it or give another"
            ) from None
        await server.start()
        logging.info(
            "model %s, versions %s, answers on %s:%s, batching %s",
            name,
            versions.available,
            given.host,
            given.port,
            batching or "off",
        )
        looking = asyncio.create_task(versions.keep_looking(given.file_system_poll_wait_seconds))
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await stop.wait()
        looking.cancel()
        await state.enter_graceful_shutdown()
        await server.stop(_GRACE)


def _loaded(folder: Path, *, together: bool = False) -> "Servable":
    """A servable, warm for single questions, and for several ``together`` where they are batched."""
    from serving import servable, warm_up

    loaded = servable.load(folder)
    records = warm_up.warm(loaded, together=together)
    logging.info("version %s is warm, %d records", loaded.version, records)
    return loaded


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m serving.predictor", description="Serves a SavedModel.")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--model-base-path", type=Path, help="the folder with numbered versions")
    where.add_argument(
        "--model-config-file",
        type=Path,
        help="TensorFlow Serving's ModelServerConfig in text form: name, base path, version policy, labels",
    )
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--host", default="127.0.0.1", help="default: loopback only")
    parser.add_argument("--model-name", default=MODEL)
    parser.add_argument(
        "--file-system-poll-wait-seconds", type=float, default=1.0, help="between two looks for new versions"
    )
    parser.add_argument(
        "--load-retry-interval-seconds",
        type=float,
        default=60.0,
        help="until a version that could not be loaded is tried again",
    )
    parser.add_argument(
        "--enable-batching", choices=("auto", "on", "off"), default="auto", help="auto: only on a GPU"
    )
    parser.add_argument("--max-batch-size", type=int, default=64, help="rows")
    parser.add_argument("--batch-timeout-micros", type=int, default=1000, help="the longest wait")
    parser.add_argument("--num-batch-threads", type=int, default=2, help="batches that run at once")
    return parser


def _batching(given: argparse.Namespace) -> "Batching | None":
    import tensorflow as tf

    from serving.batching import Batching

    on = given.enable_batching == "on" or (
        given.enable_batching == "auto" and bool(tf.config.list_physical_devices("GPU"))
    )
    if not on:
        return None
    return Batching(given.max_batch_size, given.batch_timeout_micros, given.num_batch_threads)


def main() -> None:
    """Reads the command line, loads the versions that the policy wants and serves them."""
    given = _options().parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    tether.hold()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        if given.model_base_path:
            newest(given.model_base_path)  # Before TensorFlow's ten seconds of import.
        from serving import event_loop, version_policy

        name, base_path, policy = given.model_name, given.model_base_path, version_policy.VersionPolicy()
        if given.model_config_file:
            config = version_policy.read(given.model_config_file)
            name, base_path = config.name or name, Path(config.base_path)
            policy = version_policy.VersionPolicy.of(config)
            newest(base_path)
        batching = _batching(given)
        # What is here for good need not be looked through each time that a version is unloaded.
        gc.collect()
        gc.freeze()
        event_loop.run(serve(given, name, base_path, policy, batching))
    except InputError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
