"""`swayrec serve`: the KServe endpoints on this machine."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from swayrec.commands import options

if TYPE_CHECKING:
    from swayrec.operations.workspace import Workspace


@click.command()
@options.workspace
@click.option(
    "--port", type=int, default=8080, show_default=True, help="Where the endpoints answer; 0 = any."
)
@click.option("--grpc-port", type=int, help="Where the endpoints answer over gRPC, in v2 (default: any).")
@click.option("--predictor-port", type=int, help="Where the predictor answers over gRPC (default: any).")
@click.option("--intake/--no-intake", default=True, help="Whether events and items are taken in.")
@click.option("--intake-port", type=int, help="Where events and items are taken in (default: any).")
@click.option(
    "--tokens",
    type=click.Path(path_type=Path),
    metavar="FILE",
    envvar="SWAYREC_TOKENS",
    show_envvar=True,
    help="Only who has a token is let in: NAME SHA256 SCOPE,... a line, the scopes read, write, admin.",
)
@click.option(
    "--open-reading",
    is_flag=True,
    envvar="SWAYREC_OPEN_READING",
    show_envvar=True,
    help="Answer questions without a token all the same.",
)
@click.option(
    "--rate-limit",
    type=click.FloatRange(min=0, min_open=True),
    metavar="N",
    envvar="SWAYREC_RATE_LIMIT",
    show_envvar=True,
    help="Requests a second that a client may make: one token, or else one address (default: no limit).",
)
@click.option(
    "--rate-burst",
    type=click.IntRange(min=1),
    metavar="N",
    envvar="SWAYREC_RATE_BURST",
    show_envvar=True,
    help="Requests that a client may make at once (default: those of two seconds).",
)
@click.option(
    "--trusted-proxies",
    metavar="ADDRESS,...",
    default="",
    envvar="SWAYREC_TRUSTED_PROXIES",
    show_envvar=True,
    help="Addresses and networks whose X-Forwarded-For says where a request comes from (default: none).",
)
@click.option(
    "--recent-every",
    type=click.FloatRange(min=0.1),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="How often it is counted what everyone did since the model's tables were made.",
)
@click.option(
    "--refresh-every",
    type=click.FloatRange(min=0, min_open=True),
    metavar="MINUTES",
    help="Run `swayrec refresh` beside it, so many minutes after the one before (default: never).",
)
def serve(
    root: Path,
    port: int,
    grpc_port: int | None,
    predictor_port: int | None,
    intake: bool,
    intake_port: int | None,
    tokens: Path | None,
    open_reading: bool,
    rate_limit: float | None,
    rate_burst: int | None,
    trusted_proxies: str,
    recent_every: float,
    refresh_every: float | None,
) -> None:
    """Serve recommendations on loopback until Ctrl-C: predictor, transformer and intake."""
    from serving.processes import Serving
    from serving.protection import Protection, separated
    from swayrec.commands.refresher import Refresher
    from swayrec.operations.workspace import Workspace

    def say(text: str) -> None:
        click.echo(text, err=True)

    workspace = Workspace(root).make()
    try:
        with (
            Refresher(workspace, refresh_every, say),
            Serving(
                workspace,
                port or None,
                predictor_port,
                say=say,
                grpc_port=grpc_port,
                intake=intake,
                intake_port=intake_port,
                protection=Protection(
                    tokens, open_reading, rate_limit, rate_burst, separated(trusted_proxies)
                ),
                recent_every=recent_every,
            ) as serving,
        ):
            url = f"{serving.url}/v1/models/swayrec:predict"
            question = json.dumps({"instances": [{"user_id": _somebody(workspace), "k": 5}]})
            click.echo(f"Answering at {url} (Ctrl-C stops); for example:")
            bearer = '-H "Authorization: Bearer $TOKEN" ' if tokens and not open_reading else ""
            click.echo(f"curl {bearer}-H 'Content-Type: application/json' {url} -d '{question}'")
            click.echo(f"In tensors (v2) over gRPC too, on port {serving.grpc_port}.")
            if intake:
                click.echo(
                    f"Taking events at {serving.intake_url}/events and items at {serving.intake_url}/items."
                )
            serving.wait()
    except KeyboardInterrupt:
        click.echo("Stopped.", err=True)
    sys.exit(0)


def _somebody(workspace: "Workspace") -> str:
    """A user of the newest training, to try the endpoint with."""
    from swayrec.operations.current import Current
    from swayrec.tables.dataset import Dataset

    return str(Dataset(Current.read(workspace).dataset).users()["user_id"][0].as_py())
