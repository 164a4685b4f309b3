"""BentoML's door to a made world, started and gone."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from serving import ports
from swayrec.operations import bento
from tests import registered
from tests.benchmarks.served_world import World


@contextmanager
def bento_served(made: World) -> Iterator[int]:
    """`bentoml serve` of the world's model; the port."""
    version = registered.version(made.model, 1, made.shape.scenario)
    tag, port = bento.build(made.workspace, version), ports.free()
    settings = {**bento.environment(made.workspace), "TF_CPP_MIN_LOG_LEVEL": "3"}
    process = subprocess.Popen(
        [sys.executable, "-m", "bentoml", "serve", tag, "--port", str(port)],
        env={**settings, bento.WORKSPACE: str(made.workspace.root.resolve())},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not ports.answers(port, "/readyz"):
            if process.poll() is not None:
                sys.exit(f"bentoml serve ended with code {process.returncode}")
            time.sleep(0.2)
        yield port
    finally:
        process.terminate()
        process.wait(30)
