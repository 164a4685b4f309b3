"""The page of `swayrec monitor --html`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from swayrec.operations.monitoring.monitor import Monitored


def write(done: "Monitored", path: Path) -> None:
    """Writes the page of the newest verdict there is: of this run, or else of one before. Says where, or that there is
    none.
    """
    from swayrec.operations.monitoring.report_page import newest_page
    from swayrec.operations.monitoring.series import Series
    from swayrec.operations.workspace import written_whole

    page = newest_page(Series.read(done.folder).verdicts, done.verdicts)
    if page is None:
        click.echo(f"{path} is not written: there is no verdict yet", err=True)
        return
    with written_whole(path) as unfinished:
        unfinished.write_text(page, encoding="utf-8")
    click.echo(f"Wrote {path}", err=True)
