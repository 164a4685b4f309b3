"""Which version of a model is served: the folder with the highest number."""

from pathlib import Path

from swayrec.tables.errors import InputError

SAVED_MODEL = "saved_model.pb"


def newest(model_folder: Path) -> Path:
    """The newest version folder below a model folder.

    Raises:
        InputError: there is none.
    """
    versions = [
        folder
        for folder in (model_folder.iterdir() if model_folder.is_dir() else ())
        if folder.name.isdecimal() and (folder / SAVED_MODEL).exists()
    ]
    if not versions:
        raise InputError(
            f"{model_folder}: there is no numbered folder with a {SAVED_MODEL} in it; "
            "train a model first or give the folder that holds its versions"
        )
    return max(versions, key=lambda folder: int(folder.name))
