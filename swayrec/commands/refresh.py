"""`swayrec refresh`: new tables under the served model's weights."""

from pathlib import Path

import click

from swayrec.commands import options


@click.command()
@options.workspace
@options.until
@options.as_json
def refresh(root: Path, until: str, as_json: bool) -> None:
    """Bring what is served up to date, without training: new tables under the same weights.

    Reads the newest training's files and what was posted, exports the served model's weights over what
    everyone has done by now, and publishes features. New items can be recommended from then on. A running
    `swayrec serve` takes it up by itself.
    """
    from swayrec.commands.silence import load_tensorflow
    from swayrec.commands.table import show_json
    from swayrec.commands.watching import Progress
    from swayrec.operations import tether
    from swayrec.operations.current import Current
    from swayrec.operations.workspace import Workspace

    tether.hold()
    workspace = Workspace(root)
    Current.read(workspace)
    with Progress() as progress:
        from pipelines.refresh import refresh as refreshed

        done = refreshed(workspace, until, progress.said, heavy=load_tensorflow)
    if as_json:
        told = {"version": done.version, "export": done.export, "changed": done.changed}
        show_json({**told, "dataset": str(done.dataset), "seconds": round(done.seconds, 1)})
    elif done.changed:
        click.echo(
            f"Version {done.version} has new tables: export {done.export}, in {done.seconds:.0f} s; a running "
            "`swayrec serve` takes it up by itself."
        )
    else:
        click.echo(f"Nothing has come since the tables of export {done.export} were made; they stay.")
