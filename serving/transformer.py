"""The transformer process: KServe's endpoints over the one way to answer.

``python -m serving.transformer --workspace DIR --port N --grpc-port G --predictor-port M``; all of it is in
`serving.transformer_options`.
"""

import gc
import sys
import warnings
from dataclasses import replace
from pathlib import Path

from serving import transformer_options
from serving.protection import Protection
from serving.transformer_options import Options
from swayrec.learning.exports import newest
from swayrec.learning.signature import Metadata
from swayrec.operations import experiment, served_models, tether
from swayrec.operations.current import Current
from swayrec.operations.experiment import Experiment
from swayrec.operations.workspace import Workspace
from swayrec.tables.errors import InputError


def serve(told: Options) -> None:
    """Serves until SIGTERM or SIGINT.

    Raises:
        InputError: nothing has been trained in the workspace, or its protection is set wrongly.
    """
    workspace = Workspace(told.workspace)
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
        place = running.address or told.challenger
        if not place:
            raise InputError("this transformer was not told where a challenger answers")
        links = served_models.follow_challenger(workspace, Path(running.model))

        def answering_without_lists(shape: Metadata, predictor: Pinned) -> Answering:
            # Where it has no answer the champion has one, or its lists.
            return replace(supplies.answering(shape, predictor), popular=lambda: None)

        client = PredictorClient(place, told.model, told.predictor_timeout, part="challenger")
        return CurrentModel(links, client, answering_without_lists)

    client = PredictorClient(told.predictor, told.model, told.predictor_timeout)
    champion = CurrentModel(base_path, client, supplies.answering)
    sides = Sides(champion, lambda: experiment.read(workspace), other)
    beside = [*supplies.beside(lambda: sides.shapes, told.recent_every), sides.keep_following]
    forward = IntakeForward(told.intake).events if told.intake else None
    doors = {"/api": Gorse(sides, lambda: supplies.lists.held, forward).app()}
    server = LoopbackServer(told.host, told.port, told.grpc_port, beside, admission, doors)
    # What is here for good need not be looked through while answers are waited for.
    gc.collect()
    gc.freeze()
    server.start([Recommender(told.model, sides, told.needs_predictor)])


def main() -> None:
    """Reads the command line and serves."""
    told = transformer_options.options()
    tether.hold()
    try:
        serve(told)
    except InputError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
