"""A step of a compiled pipeline, as a cluster starts it: the command of the YAML and what KFP's driver fills in."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

import yaml
from kfp.compiler import Compiler


def compiled(pipeline, folder: Path) -> dict:
    """A pipeline's specification, from the file that the compiler writes."""
    path = folder / f"{pipeline.name}.yaml"
    Compiler().compile(pipeline, str(path))
    return next(yaml.safe_load_all(path.read_text(encoding="utf-8")))


def command(spec: dict, name: str, given: Mapping[str, object], folder: Path) -> list[str]:
    """The command of a step, whose outputs go below the folder.

    Args:
        spec: the pipeline's.
        name: the step's.
        given: parameters and the places of artifacts, by input; of an artifact with metadata, both.
        folder: where each output is put under its own name; made where it is not there.
    """
    component = spec["components"][f"comp-{name.replace('_', '-')}"]
    container = spec["deploymentSpec"]["executors"][component["executorLabel"]]["container"]
    takes, gives = component.get("inputDefinitions", {}), component.get("outputDefinitions", {})
    folder.mkdir(parents=True, exist_ok=True)
    told = {
        "inputs": {
            "parameterValues": {each: _parameter(given[each]) for each in takes.get("parameters", {})},
            "artifacts": {
                each: _artifact(each, kind, given[each]) for each, kind in takes.get("artifacts", {}).items()
            },
        },
        "outputs": {
            "artifacts": {
                each: _artifact(each, kind, folder / each)
                for each, kind in gives.get("artifacts", {}).items()
            },
            "outputFile": str(folder / "executor_output.json"),
        },
    }
    filled = json.dumps(told)
    return [*container["command"], *(filled if text == "{{$}}" else text for text in container["args"])]


def _parameter(value: object) -> object:
    return value if isinstance(value, int | float) else str(value)


def _artifact(name: str, kind: dict, held: object) -> dict:
    place, metadata = held if isinstance(held, tuple) else (held, {})
    told = {"name": name, "type": kind["artifactType"], "uri": str(place), "metadata": metadata}
    return {"artifacts": [told]}


def metadata(folder: Path) -> dict[str, dict]:
    """The metadata of a step's outputs, as the step told KFP."""
    told = json.loads((folder / "executor_output.json").read_text(encoding="utf-8"))
    return {name: held["artifacts"][0]["metadata"] for name, held in told.get("artifacts", {}).items()}


def names(spec: dict) -> set[str]:
    """The steps of a pipeline."""
    return {re.sub("^comp-", "", name).replace("-", "_") for name in spec["components"]}
