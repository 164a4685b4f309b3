"""Writes a model and a bento into BentoML's stores: ``python -m swayrec.operations.bento_store`` in a folder with
the code, told what on standard input (`swayrec.operations.bento`).
"""

import contextlib
import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import bentoml
from bentoml.exceptions import BentoMLException, NotFound

from swayrec.operations.bento import ALIAS, REQUIREMENTS

SERVICE = "serving.service:Service"


def store(tag: str, export: str, labels: Mapping[str, str], packages: Sequence[str]) -> None:
    """Makes the model, where there is none of that tag, and the bento anew.

    Args:
        tag: of both.
        export: the folder of a numbered export.
        labels: of both.
        packages: which folders here are the code.

    Raises:
        BentoMLException: one of them cannot be made.
    """
    try:
        bentoml.models.get(tag)
    except NotFound:
        with bentoml.models.create(tag, labels=dict(labels)) as model:
            shutil.copytree(export, Path(model.path) / Path(export).name)
    with contextlib.suppress(NotFound):
        bentoml.delete(tag)
    name, _, version = tag.partition(":")
    bentoml.build(
        SERVICE,
        name=name,
        version=version,
        labels=dict(labels),
        include=[f"{package}/" for package in packages],
        models=[{"tag": tag, "alias": ALIAS}],
        python={"requirements_txt": REQUIREMENTS, "lock_packages": False},
        build_ctx=".",
    )


if __name__ == "__main__":
    try:
        store(**json.load(sys.stdin))
    except BentoMLException as error:
        sys.exit(str(error))
