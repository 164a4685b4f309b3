"""Where imported rows go: into the log of a workspace, or to an intake that runs."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import httpx

from serving import logs
from serving.client import Client, RefusedError
from serving.event_log import EVENT, LogDownError, Record
from swayrec.operations.workspace import Workspace
from swayrec.tables.errors import InputError

Post = Callable[[Sequence[Record]], None]
"""Keeps records of one kind for good, all or none of a call; raises InputError."""


@contextmanager
def log_of(workspace: Workspace, scenario: str) -> Iterator[Post]:
    """The log itself, while no intake has it.

    Raises:
        InputError: an intake has it, or it does not answer.
    """
    log = logs.log(workspace, scenario)

    def post(records: Sequence[Record]) -> None:
        try:
            log.append(records).result()
        except LogDownError as error:
            raise InputError(
                f"the event log takes nothing ({error}); mend that and import the file again: what is known "
                "already counts once"
            ) from None

    try:
        yield post
    finally:
        log.close()


@contextmanager
def intake_at(url: str, token: str | None = None) -> Iterator[Post]:
    """An intake that runs."""
    with Client("", url, token=token, timeout=60) as client:

        def post(records: Sequence[Record]) -> None:
            rows = [record.content for record in records]
            try:
                (client.send if records[0].kind == EVENT else client.put)(rows)
            except RefusedError as error:
                raise InputError(f"{url}: the intake refuses them: {error}") from None
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise InputError(
                    f"{url}: the intake does not answer ({type(error).__name__}); import the file again "
                    "later: what is known already counts once"
                ) from None

        yield post
