"""Object storage (S3 and what speaks its protocol): an object or a folder of them, here as files, and files put there.

Places are URIs, ``s3://BUCKET/KEY``. boto3 finds credentials, region and endpoint as it does for everybody:
``AWS_ACCESS_KEY_ID``, ``AWS_SECRET_ACCESS_KEY``, ``AWS_DEFAULT_REGION``, ``AWS_ENDPOINT_URL``, a role of the pod.
"""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from swayrec.tables.errors import InputError

SCHEME = "s3://"
CACHE = "SWAYREC_CACHE"
_LAST = ("saved_model.pb", "state.json")
"""What makes a folder a model, or a checkpoint: it is brought last, so that nobody takes up half of one."""


@dataclass(frozen=True)
class _Object:
    """One object below a place: its name from there (``''`` = the place itself), key, size in bytes, time and tag."""

    name: str
    key: str
    size: int
    modified: float
    tag: str


def is_remote(place: str) -> bool:
    """Whether a path is one of object storage."""
    return place.startswith(SCHEME)


def cache() -> Path:
    """Where fetched objects are kept: the folder that the environment names, else the user's cache."""
    given = os.environ.get(CACHE)
    return Path(given) if given else Path.home() / ".cache" / "swayrec"


def fetched(uri: str, below: Path | None = None) -> Path:
    """The file, or the folder with all files, that stands at ``uri``, brought here.

    What is here already, of the same tag, is not brought again; what has changed there is brought anew, and what
    is gone there goes here. A file appears whole or not at all. Each has the object's time of change.

    Args:
        uri: ``s3://BUCKET/KEY``, of one object or of what comes before a ``/`` in many.
        below: folder to keep it in (default: :func:`cache`).

    Raises:
        InputError: there is nothing, or it cannot be had.
    """
    bucket, key = _parted(uri)
    place = (below or cache()) / bucket / key
    with _told(uri):
        client = _client()
        found = _listed(client, bucket, key)
        if not found:
            raise InputError(
                f"{uri}: there is no such object, nor any below it; mend the path or bring it there"
            )
        for each in found:
            _bring(client, bucket, each, place / each.name if each.name else place)
    if found[0].name:
        _clear(place, {place / each.name for each in found})
    return place


def at_hand(place: Path | str, below: Path | None = None) -> Path:
    """The path itself, or where what stands at a URI is brought to, as :func:`fetched` says."""
    return fetched(place, below) if isinstance(place, str) and is_remote(place) else Path(place)


def exists(uri: str) -> bool:
    """Whether there is an object at ``uri``, or any below it.

    Raises:
        InputError: the service does not say.
    """
    bucket, key = _parted(uri)
    with _told(uri):
        return bool(_listed(_client(), bucket, key))


def put(folder: Path, uri: str) -> None:
    """Puts all files of a folder below ``uri``, a model's ``saved_model.pb`` and a ``state.json`` after all others.

    Raises:
        InputError: they cannot be put there.
    """
    bucket, key = _parted(uri)
    with _told(uri):
        client = _client()
        for path in sorted(
            filter(Path.is_file, folder.rglob("*")), key=lambda path: (path.name in _LAST, path)
        ):
            client.upload_file(str(path), bucket, f"{key}/{path.relative_to(folder).as_posix()}")


def match(folder: Path, uri: str) -> None:
    """Makes what stands below ``uri`` what stands in a folder whose files never change once they are there.

    What is missing there is put there, and what is gone here goes there, in that order.

    Raises:
        InputError: it cannot be done.
    """
    bucket, key = _parted(uri)
    with _told(uri):
        client = _client()
        there = {each.name: each.key for each in _listed(client, bucket, key) if each.name}
        here = {
            path.relative_to(folder).as_posix(): path
            for path in folder.rglob("*")
            if path.is_file() and not path.name.startswith(".")
        }
        for name in sorted(here.keys() - there.keys(), key=lambda name: (here[name].name in _LAST, name)):
            client.upload_file(str(here[name]), bucket, f"{key}/{name}")
        for name in there.keys() - here.keys():
            client.delete_object(Bucket=bucket, Key=there[name])


def origin(place: Path, below: Path) -> str | None:
    """The URI that :func:`fetched` brought a place from; None = it did not come from there.

    Args:
        place: a file or a folder.
        below: the folder that it was brought to.
    """
    if not place.is_relative_to(below):
        return None
    return SCHEME + place.relative_to(below).as_posix()


def _parted(uri: str) -> tuple[str, str]:
    bucket, _, key = uri.removeprefix(SCHEME).partition("/")
    key = key.strip("/")
    if not bucket or not key or ".." in key.split("/"):
        raise InputError(f"{uri}: this names no object; write s3://BUCKET/KEY")
    return bucket, key


def _client() -> Any:
    try:
        import boto3
        from botocore.config import Config
    except ImportError:
        raise InputError("object storage needs the package boto3; install swayrec[cluster]") from None
    # Seconds, not the minutes that are its default: a step that waits for a dead endpoint should say so soon.
    return boto3.client("s3", config=Config(connect_timeout=5, read_timeout=60, retries={"mode": "standard"}))


def _listed(client: Any, bucket: str, key: str) -> list[_Object]:
    """The object of this key alone where there is one, else all below it, models' main files last."""
    found = []
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=key):
        for each in page.get("Contents", ()):
            name = each["Key"].removeprefix(key)
            if each["Key"] == key or (name.startswith("/") and not each["Key"].endswith("/")):
                told = each["LastModified"].timestamp(), each["ETag"].strip('"')
                found.append(_Object(name.strip("/"), each["Key"], each["Size"], *told))
    alone = [each for each in found if not each.name]
    return alone or sorted(found, key=lambda each: (each.name.rpartition("/")[2] in _LAST, each.name))


def _bring(client: Any, bucket: str, wanted: _Object, path: Path) -> None:
    tag = path.with_name(f".{path.name}.tag")
    if path.is_file() and tag.exists() and tag.read_text(encoding="utf-8") == wanted.tag:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, half = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    try:
        client.download_file(bucket, wanted.key, half)
        os.utime(half, (wanted.modified, wanted.modified))
        Path(half).chmod(0o644)
        tag.unlink(missing_ok=True)
        Path(half).replace(path)
    finally:
        Path(half).unlink(missing_ok=True)
    tag.write_text(wanted.tag, encoding="utf-8")


def _clear(folder: Path, wanted: set[Path]) -> None:
    """Removes the files that are gone there, and the folders that they leave empty; what is being brought stays."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir():
            with contextlib.suppress(OSError):  # It is not empty.
                path.rmdir()
        elif path not in wanted and not path.name.startswith("."):
            path.unlink(missing_ok=True)
            path.with_name(f".{path.name}.tag").unlink(missing_ok=True)


@contextlib.contextmanager
def _told(uri: str) -> Iterator[None]:
    """What the service or the way to it says, in one sentence."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        if not type(error).__module__.startswith(("botocore", "boto3")):
            raise
        why = " ".join(str(error).split()).rstrip(".")
        raise InputError(
            f"{uri}: object storage does not give or take it ({why}); look at AWS_ACCESS_KEY_ID, "
            "AWS_SECRET_ACCESS_KEY, AWS_ENDPOINT_URL and the bucket"
        ) from None
