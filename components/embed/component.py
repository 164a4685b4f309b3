"""The component `embed`: a door to the package, which is in the image."""

import os

from kfp import dsl


@dsl.component(
    base_image=os.environ.get("SWAYREC_IMAGE", "swayrec:latest"),
    packages_to_install=[],
    install_kfp_package=False,
)
def embed(
    scenario: str,
    workspace: str,
    dataset: dsl.Input[dsl.Dataset],
    vectors: dsl.Output[dsl.Artifact],
) -> None:
    """Turns the items' texts into vectors with the scenario's language model; no text is encoded twice.

    Args:
        scenario: path of the scenario file.
        workspace: folder whose cache of texts is used and filled.
        dataset: the canonical tables.
        vectors: one L2-normalized vector an item; zeros where there is no text.
    """
    from pathlib import Path

    from swayrec.operations import embedding
    from swayrec.operations.step import step
    from swayrec.operations.workspace import Workspace
    from swayrec.tables import scenario as scenarios
    from swayrec.tables.dataset import Dataset

    with step("embed") as say:
        cache = Workspace(Path(workspace)).text_cache
        asked = scenarios.load(scenario)
        embedding.embed(asked, scenario, Dataset(Path(dataset.path)), cache, Path(vectors.path), say)
