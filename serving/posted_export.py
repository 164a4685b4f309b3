"""Exports what was posted to a scenario's intake, for a training to read.

``python -m serving.posted_export --workspace DIR --scenario NAME``, before a training that runs elsewhere.
"""

import argparse
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from serving import logs
from serving.canonical_rows import posted_event, posted_item
from serving.event_log import EVENT, ITEM
from serving.log_reader import LogReader, parts
from swayrec.operations.workspace import Workspace
from swayrec.tables import posted
from swayrec.tables.errors import InputError
from swayrec.tables.posted import Posted


def export(workspace: Workspace, scenario: str, folder: Path | None = None) -> Posted | None:
    """Exports all that the log has just now; an intake may go on meanwhile. None = nothing was ever posted.

    Args:
        workspace: whose log.
        scenario: its name.
        folder: where to; None = into the workspace, in place of the export before.

    Raises:
        InputError: the log cannot be read.
    """
    folder = folder or workspace.posted / scenario
    reader = logs.reader(workspace, scenario)
    try:
        return exported(reader, folder)
    finally:
        reader.close()


def exported(reader: LogReader, folder: Path) -> Posted | None:
    """Exports a log into a folder; None = it is empty, and the folder is gone."""
    newest = reader.newest()
    if not newest:
        shutil.rmtree(folder, ignore_errors=True)
        return None
    items: dict[str, dict] = {}
    upto = reader.after(newest - 1, 1)[0].stamp

    def events() -> Iterator[list[dict]]:
        for part in parts(reader, newest):
            items.update((entry.subject, posted_item(entry.content)) for entry in part if entry.kind == ITEM)
            yield [posted_event(entry.content) for entry in part if entry.kind == EVENT]

    return posted.write(folder, events(), items.values(), upto)


def main() -> None:
    """Reads the command line and exports."""
    parser = argparse.ArgumentParser(
        prog="python -m serving.posted_export", description="Exports what was posted, for a training."
    )
    parser.add_argument("--workspace", type=Path, required=True)
    parser.add_argument("--scenario", required=True, help="the scenario's name")
    given = parser.parse_args()
    try:
        made = export(Workspace(given.workspace), given.scenario)
    except InputError as error:
        sys.exit(f"error: {error}")
    print(made.folder if made else "nothing was posted yet")


if __name__ == "__main__":
    main()
