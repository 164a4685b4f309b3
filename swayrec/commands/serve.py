"""`swayrec serve`: the KServe endpoints on this machine."""

import sys
from pathlib import Path

import click

from swayrec.commands import options


@click.command()
@options.workspace
@click.option(
    "--port", type=int, default=8080, show_default=True, help="Where the endpoints answer; 0 = any."
)
@click.option("--predictor-port", type=int, help="Where the predictor answers over gRPC (default: any).")
def serve(root: Path, port: int, predictor_port: int | None) -> None:
    """Serve recommendations on loopback until Ctrl-C: predictor and transformer."""
    from serving.processes import Serving
    from swayrec.operations.workspace import Workspace

    def say(text: str) -> None:
        click.echo(text, err=True)

    with Serving(Workspace(root).make(), port or None, predictor_port, say=say) as serving:
        click.echo(f"Answering at {serving.url}/v1/models/swayrec:predict (Ctrl-C stops); for example:")
        click.echo(
            f"curl -H 'Content-Type: application/json' {serving.url}/v1/models/swayrec:predict "
            """-d '{"instances": [{"user_id": "1", "k": 5}]}'"""
        )
        try:
            serving.wait()
        except KeyboardInterrupt:
            click.echo("Stopping.", err=True)
    sys.exit(0)
