"""What the image starts as: ``python3 -m swayrec.image NAME [OPTION...]``, its entry point.

The first argument says it: `transformer`, `predictor` or `intake` is that server, with an image's defaults put
before what was given; anything else is the command line's, so `monitor` and `dashboard` are commands.
"""

import runpy
import signal
import sys
from types import FrameType

SERVERS = {
    "transformer": (
        "--workspace",
        "/workspace",
        "--host",
        "0.0.0.0",
        "--port",
        "8080",
        "--grpc-port",
        "8081",
    ),
    "predictor": ("--host", "0.0.0.0", "--port", "9000"),
    "intake": ("--workspace", "/workspace", "--host", "0.0.0.0", "--port", "8080"),
}
"""What is a module of `serving`, and its options where none are given: those that come last count."""

COMMANDS = {
    "dashboard": ("--workspace", "/workspace", "--host", "0.0.0.0"),
    "monitor": ("--workspace", "/workspace"),
}
"""The same for commands."""


def main() -> None:
    """Becomes what the first argument names.

    It runs in this process, so that a container's first process is the server itself. The kernel gives that one
    no default for SIGTERM: until a server has its own, this ends it.
    """
    signal.signal(signal.SIGTERM, _leave)
    name, *given = sys.argv[1:] or ["--help"]
    if name in SERVERS:
        sys.argv[1:] = [*SERVERS[name], *given]
        runpy.run_module(f"serving.{name}", run_name="__main__", alter_sys=True)
        return
    from swayrec import cli

    sys.argv = ["swayrec", name, *COMMANDS.get(name, ()), *given]
    cli.main(prog_name="swayrec")


def _leave(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


if __name__ == "__main__":
    main()
