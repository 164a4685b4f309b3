"""Which versions of a model lie in its folder: the numbered folders with a SavedModel in them."""

from pathlib import Path

from swayrec.tables.errors import InputError

SAVED_MODEL = "saved_model.pb"


def numbered(model_folder: Path) -> dict[int, Path]:
    """Every version's folder by its number, as TensorFlow Serving reads a model's base path."""
    return {
        int(folder.name): folder
        for folder in (model_folder.iterdir() if model_folder.is_dir() else ())
        if folder.name.isdecimal() and (folder / SAVED_MODEL).exists()
    }


def newest(model_folder: Path) -> Path:
    """The newest version folder below a model folder.

    Raises:
        InputError: there is none.
    """
    versions = numbered(model_folder)
    if not versions:
        raise InputError(
            f"{model_folder}: there is no numbered folder with a {SAVED_MODEL} in it; "
            "train a model first or give the folder that holds its versions"
        )
    return versions[max(versions)]
