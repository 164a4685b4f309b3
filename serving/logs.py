"""Which log a scenario's intake writes to, and how others read it: chosen by configuration."""

import os
from typing import TYPE_CHECKING

from serving.sqlite_log import SqliteLog
from serving.sqlite_reader import SqliteReader
from swayrec.operations.workspace import Workspace

if TYPE_CHECKING:
    from serving.event_log import EventLog
    from serving.log_reader import LogReader

URL = "SWAYREC_EVENT_LOG"
"""The environment's variable with the address of a Redis; without it the log is a file of the workspace."""


def log(workspace: Workspace, scenario: str, url: str | None = None) -> "EventLog":
    """The log, for the one intake that has it; ``url`` None = as the environment says.

    Raises:
        InputError: another intake has it, it does not answer, or it could lose what it answered.
    """
    url = url or os.environ.get(URL)
    if not url:
        return SqliteLog(workspace.posted / f"{scenario}.db")
    from serving.redis_log import RedisLog

    return RedisLog(url, scenario)


def reader(workspace: Workspace, scenario: str, url: str | None = None) -> "LogReader":
    """The log for everyone else; ``url`` as above.

    Raises:
        InputError: the address is none.
    """
    url = url or os.environ.get(URL)
    if not url:
        return SqliteReader(workspace.posted / f"{scenario}.db")
    from serving.redis_reader import RedisReader

    return RedisReader(url, scenario)
