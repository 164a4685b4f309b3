"""The transformer's options, which are also those that KServe's controller gives to a custom transformer.

Where a manifest does not name them, the controller appends ``--model_name NAME``, ``--predictor_host
NAME-predictor.NAMESPACE``, ``--http_port 8080`` and, where the service has a containerConcurrency, ``--workers N``
(KServe 0.16 to 0.21, pkg/apis/serving/v1beta1/transformer_custom.go). It looks for these spellings alone, and of an
option that is there twice the last one counts.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MODEL = "swayrec"
PREDICTOR_PORT = 80
"""Of the Service that KServe makes for a predictor, whatever port its container has."""

_SPOKEN = ("grpc-v1",)


@dataclass(frozen=True)
class Options:
    """What a transformer is told.

    Args:
        workspace: what to answer from.
        host: the address to serve on.
        port: of v1 and v2 over REST.
        grpc_port: of v2 over gRPC; None = none.
        predictor: ``host:port`` of the champion's.
        model: the model's name on the endpoints and at the predictor.
        needs_predictor: whether it is ready only while the predictor is.
        predictor_timeout: seconds to wait for the predictor, within those that an answer may take.
        challenger: ``host:port`` of the predictor of an experiment's other side; None = there is none.
        intake: the intake's URL, for doors that take events too; None = they take none.
        recent_every: seconds between two counts of what everyone did lately.
    """

    workspace: Path
    host: str
    port: int
    grpc_port: int | None
    predictor: str
    model: str = MODEL
    needs_predictor: bool = False
    predictor_timeout: float = 2.0
    challenger: str | None = None
    intake: str | None = None
    recent_every: float = 60.0


def options(arguments: Sequence[str] | None = None) -> Options:
    """Reads a command line (default: this process's); ends the process with 2 where it is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m serving.transformer",
        description="Answers questions.",
        # KServe's names and ours are told apart by whole words only.
        allow_abbrev=False,
    )
    parser.add_argument("--workspace", type=Path, required=True)
    parser.add_argument("--port", "--http_port", type=int, default=8080, help="of REST; default: 8080")
    parser.add_argument("--grpc-port", "--grpc_port", type=int, help="of v2 over gRPC; default: none")
    parser.add_argument("--host", default="127.0.0.1", help="default: loopback only")
    parser.add_argument(
        "--model-name",
        "--model_name",
        default=MODEL,
        help=f"the model's name on the endpoints and at the predictor; default: {MODEL}",
    )
    parser.add_argument(
        "--predictor-host",
        "--predictor_host",
        default="127.0.0.1",
        metavar="HOST[:PORT]",
        help="default: here",
    )
    parser.add_argument(
        "--predictor-port",
        type=int,
        default=PREDICTOR_PORT,
        help=f"where the host names none; default: {PREDICTOR_PORT}, that of KServe's Services",
    )
    parser.add_argument(
        "--predictor_protocol",
        "--protocol",
        choices=_SPOKEN,
        help="the one that is spoken: TensorFlow Serving's",
    )
    parser.add_argument(
        "--predictor-timeout",
        "--predictor_request_timeout_seconds",
        type=_seconds,
        default=2.0,
        metavar="SECONDS",
        help="the longest wait for the predictor, within the 3 s that an answer may take; default: 2",
    )
    parser.add_argument(
        "--needs-predictor",
        "--enable_predictor_health_check",
        action="store_true",
        help="ready only while the predictor is; default: ready with lists too",
    )
    parser.add_argument(
        "--workers", type=int, help="taken from KServe, of no effect: one process answers all"
    )
    parser.add_argument("--challenger", help="host:port of the predictor of an experiment's other side")
    parser.add_argument("--intake", help="the intake's URL, for doors that take events too")
    parser.add_argument("--recent-every", type=float, default=60.0, help="seconds; default: 60")
    given = parser.parse_args(arguments)
    try:
        predictor = _target(given.predictor_host, given.predictor_port)
    except ValueError as error:
        parser.error(f"--predictor_host {given.predictor_host}: {error}")
    return Options(
        workspace=given.workspace,
        host=given.host,
        port=given.port,
        grpc_port=given.grpc_port,
        predictor=predictor,
        model=given.model_name,
        needs_predictor=given.needs_predictor,
        predictor_timeout=given.predictor_timeout,
        challenger=given.challenger,
        intake=given.intake,
        recent_every=given.recent_every,
    )


def _target(host: str, port: int) -> str:
    """``host:port`` for gRPC; an IPv6 address stands in brackets where it brings a port.

    Raises:
        ValueError: the host is a URL, or its port is no port.
    """
    if "/" in host:
        raise ValueError("give HOST or HOST:PORT without a scheme; it is asked over gRPC")
    if host.count(":") > 1 and not host.startswith("["):
        return f"[{host}]:{port}"
    _, colon, own = host.rpartition(":")
    if not colon or host.endswith("]"):
        return f"{host}:{port}"
    if not own.isdecimal() or not 0 < int(own) < 65536:
        raise ValueError(f"{own!r} is no port; give a number from 1 to 65535")
    return host


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds above 0")
    return seconds
