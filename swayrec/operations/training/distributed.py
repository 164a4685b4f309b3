"""The networks' training steps on several workers: ``python -m swayrec.operations.training.distributed STEP ...``.

Each worker of a TrainJob (k8s/training) runs the same command. Inputs and outputs are folders that all see, or
``s3://BUCKET/KEY``; the first worker writes the outputs. Checkpoints go where ``SWAYREC_CHECKPOINTS`` says.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from swayrec.tables import objects
from swayrec.tables import scenario as scenarios
from swayrec.tables.dataset import Dataset
from swayrec.tables.errors import InputError

PORT = 2222
_OF_TRAINER = ("SWAYREC_WORKERS", "JOBSET_NAME", "REPLICATED_JOB_NAME", "JOB_COMPLETION_INDEX")


def cluster_config(environment: Mapping[str, str]) -> str | None:
    """``TF_CONFIG`` of a pod that Kubeflow Trainer started; None where none is needed, or it is set already.

    Trainer knows no TensorFlow. Its pods are those of a JobSet, whose names follow from what our runtime tells them:
    the number of workers, the JobSet's name, that of its replicated job, and which pod this is.

    Raises:
        InputError: only a part of that is told.
    """
    if environment.get("TF_CONFIG") or "SWAYREC_WORKERS" not in environment:
        return None
    missing = [name for name in _OF_TRAINER if not environment.get(name)]
    if missing:
        raise InputError(f"{missing[0]} is not set; a TrainJob's pods get it from k8s/training/runtime.yaml")
    workers, jobset, job, index = (environment[name] for name in _OF_TRAINER)
    if not (workers.isdecimal() and index.isdecimal() and int(index) < int(workers)):
        raise InputError(
            f"SWAYREC_WORKERS is {workers!r} and JOB_COMPLETION_INDEX {index!r}; give the number of nodes"
        )
    hosts = [f"{jobset}-{job}-0-{place}.{jobset}:{PORT}" for place in range(int(workers))]
    return json.dumps({"cluster": {"worker": hosts}, "task": {"type": "worker", "index": int(index)}})


def main() -> None:
    """Reads the command line, joins the other workers, and runs the step."""
    parser = argparse.ArgumentParser(
        prog="python -m swayrec.operations.training.distributed", description="Trains on several workers."
    )
    parser.add_argument("step", choices=("intent", "recommender"))
    parser.add_argument("--scenario", required=True)
    for name in ("dataset", "vectors", "influence"):
        parser.add_argument(
            f"--{name}", required=True, help="what that step left: a folder, or s3://BUCKET/KEY"
        )
    parser.add_argument("--intent", help="of the step recommender: what the step intent left")
    parser.add_argument("--output", required=True, help="a folder, or s3://BUCKET/KEY")
    given = parser.parse_args()
    if (given.step == "recommender") != (given.intent is not None):
        parser.error("--intent belongs to the step recommender")
    try:
        config = cluster_config(os.environ)
        if config is not None:
            os.environ["TF_CONFIG"] = config
        _train(given)
    except InputError as error:
        sys.exit(f"error: {error}")


def _train(given: argparse.Namespace) -> None:
    from swayrec.learning import distribution

    # Before anything else computes: collective operations are set up when the process begins.
    strategy = distribution.strategy()
    chief = distribution.is_chief()

    def say(line: str) -> None:
        if chief:
            print(line, flush=True)

    from swayrec.operations import training

    say(f"{strategy.num_replicas_in_sync} replicas")
    scenario = scenarios.load(given.scenario)
    with tempfile.TemporaryDirectory(prefix="swayrec-worker-") as work:
        here = Path(work)
        dataset, vectors, influence = (
            objects.at_hand(place, here / "inputs")
            for place in (given.dataset, given.vectors, given.influence)
        )
        remote = objects.is_remote(given.output)
        # The other workers' results are the same, and are not kept.
        out = Path(given.output) if chief and not remote else here / "out"
        if given.step == "intent":
            training.train_intent(scenario, Dataset(dataset), vectors, influence, out, say)
        else:
            inputs = vectors, influence, objects.at_hand(given.intent, here / "inputs")
            training.train_recommender(
                scenario, Dataset(dataset), *inputs, out / "model_test", out / "model", say
            )
        if chief and remote:
            objects.put(out, given.output)


if __name__ == "__main__":
    main()
