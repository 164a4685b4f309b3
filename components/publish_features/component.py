"""The component `publish_features`: a door to the package, which is in the image."""

import os

from kfp import dsl


@dsl.component(
    base_image=os.environ.get("SWAYREC_IMAGE", "swayrec:latest"),
    packages_to_install=[],
    install_kfp_package=False,
)
def publish_features(
    scenario: str,
    workspace: str,
    dataset: dsl.Input[dsl.Dataset],
    features: dsl.Output[dsl.Artifact],
) -> None:
    """Publishes users' compacted histories and the features of users and items to the feature store.

    Args:
        scenario: path of the scenario file.
        workspace: folder with the feature store.
        dataset: the canonical tables.
        features: the receipt of what was published.
    """
    from pathlib import Path

    from feature_repo import publish
    from swayrec.operations.step import step
    from swayrec.operations.workspace import Workspace
    from swayrec.tables import scenario as scenarios
    from swayrec.tables.dataset import Dataset

    with step("publish_features") as say:
        asked = scenarios.load(Path(scenario))
        say(
            publish.publish(
                asked, Workspace(Path(workspace)), Dataset(Path(dataset.path)), Path(features.path)
            )
        )
