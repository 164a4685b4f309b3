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
    vectors: dsl.Input[dsl.Artifact],
    features: dsl.Output[dsl.Artifact],
) -> None:
    """Publishes users' compacted histories and the features of users and items to the feature store.

    Args:
        scenario: path of the scenario file.
        workspace: folder with the feature store.
        dataset: the canonical tables.
        vectors: vectors of the items' texts.
        features: the receipt of what was published.
    """
    from pathlib import Path

    from feature_repo.publication import Publication
    from swayrec.learning.vectors import Vectors
    from swayrec.operations.step import step
    from swayrec.operations.workspace import Workspace
    from swayrec.tables import scenario as scenarios
    from swayrec.tables.dataset import Dataset

    with step("publish_features") as say:
        asked, tables = scenarios.load(scenario), Dataset(Path(dataset.path))
        store = Workspace(Path(workspace)).features
        done = Publication.of(store / asked.name, tables)
        if done is None:
            from feature_repo.publish import publish

            texts = Vectors.load(Path(vectors.path)) if asked.text else None
            done = publish(tables, asked, store, texts, say=say)
        done.write(Path(features.path))
