"""The transformer process: KServe's endpoints over the one way to answer.

``python -m serving.transformer --workspace DIR --port N --grpc-port G --predictor-port M``.
"""

import argparse
import sys
import warnings
from dataclasses import replace
from pathlib import Path

from serving.protection import Protection
from swayrec.learning.exports import newest
from swayrec.learning.signature import Metadata
from swayrec.operations import experiment, served_models, tether
from swayrec.operations.current import Current
from swayrec.operations.experiment import Experiment
from swayrec.operations.workspace import Workspace
from swayrec.tables.errors import InputError

MODEL = "swayrec"


def serve(
    workspace: Workspace,
    host: str,
    port: int,
    grpc_port: int | None,
    predictor: str,
    challenger: str | None = None,
    intake: str | None = None,
    recent_every: float = 60.0,
) -> None:
    """Serves until SIGTERM or SIGINT.

    Args:
        workspace: what to answer from.
        host: the address to serve on.
        port: of v1 and v2 over REST.
        grpc_port: of v2 over gRPC; None = none.
        predictor: ``host:port`` of the champion's.
        challenger: ``host:port`` of the predictor of an experiment's other side; None = there is none.
        intake: the intake's URL, for doors that take events too; None = they take none.
        recent_every: seconds between two counts of what everyone did lately.

    Raises:
        InputError: nothing has been trained in the workspace, or its protection is set wrongly.
    """
    Current.read(workspace)
    base_path = served_models.follow(workspace)
    shape = Metadata.read(newest(base_path))
    admission = Protection.of().admission()

    # KServe builds its answers in a way that FastAPI calls old, once a request.
    warnings.filterwarnings("ignore", module="fastapi")
    # kserve parses the command line while it is imported, and ends the process over an option of ours.
    given, sys.argv = sys.argv, sys.argv[:1]
    from serving.kserve_model import Recommender
    from serving.kserve_server import LoopbackServer

    sys.argv = given
    from serving.answer import Answering
    from serving.current_model import CurrentModel, Pinned
    from serving.gorse import Gorse
    from serving.intake_forward import IntakeForward
    from serving.predictor_client import PredictorClient
    from serving.sides import Sides
    from serving.supplies import Supplies

    supplies = Supplies(workspace, shape)

    def other(running: Experiment) -> CurrentModel:
        place = running.address or challenger
        if not place:
            raise InputError("this transformer was not told where a challenger answers")
        links = served_models.follow_challenger(workspace, Path(running.model))

        def answering_without_lists(shape: Metadata, predictor: Pinned) -> Answering:
            # Where it has no answer the champion has one, or its lists.
            return replace(supplies.answering(shape, predictor), popular=lambda: None)

        client = PredictorClient(place, part="challenger")
        return CurrentModel(links, client, answering_without_lists)

    champion = CurrentModel(base_path, PredictorClient(predictor), supplies.answering)
    sides = Sides(champion, lambda: experiment.read(workspace), other)
    beside = [*supplies.beside(lambda: sides.shapes, recent_every), sides.keep_following]
    forward = IntakeForward(intake).events if intake else None
    doors = {"/api": Gorse(sides, lambda: supplies.lists.held, forward).app()}
    server = LoopbackServer(host, port, grpc_port, beside, admission, doors)
    server.start([Recommender(MODEL, sides)])


def main() -> None:
    """Reads the command line and serves."""
    parser = argparse.ArgumentParser(prog="python -m serving.transformer", description="Answers questions.")
    parser.add_argument("--workspace", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--grpc-port", type=int, help="of v2 over gRPC; default: none")
    parser.add_argument("--predictor-port", type=int, required=True)
    parser.add_argument("--predictor-host", default="127.0.0.1")
    parser.add_argument("--challenger", help="host:port of the predictor of an experiment's other side")
    parser.add_argument("--intake", help="the intake's URL, for doors that take events too")
    parser.add_argument("--host", default="127.0.0.1", help="default: loopback only")
    parser.add_argument("--recent-every", type=float, default=60.0, help="seconds; default: 60")
    given = parser.parse_args()
    tether.hold()
    try:
        serve(
            Workspace(given.workspace),
            given.host,
            given.port,
            given.grpc_port,
            f"{given.predictor_host}:{given.predictor_port}",
            given.challenger,
            given.intake,
            given.recent_every,
        )
    except InputError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
