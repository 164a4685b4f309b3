"""`swayrec models`: the versions of each scenario's model, and which one serves."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from swayrec.commands import options
from swayrec.commands.cluster_options import canary, ended, rollout_of, to_cluster

if TYPE_CHECKING:
    from swayrec.operations.version import Version

LONGEST = 100

version_argument = click.argument("version", metavar="VERSION")


@click.group()
def models() -> None:
    """List, show, promote and roll back registered models, and build bentos of them."""


@models.command("list")
@options.workspace
@options.as_json
def list_(root: Path, as_json: bool) -> None:
    """List all versions, the newest first."""
    from swayrec.commands.table import show, show_json
    from swayrec.operations.registry import Registry
    from swayrec.operations.workspace import Workspace

    versions = Registry(Workspace(root)).versions()
    if as_json:
        show_json([_told(version) for version in versions])
        return
    if not versions:
        click.echo(f"{root}: nothing is registered yet; run `swayrec train SCENARIO` first", err=True)
        return
    rows = [
        (
            version.name,
            ", ".join(version.aliases),
            f"{version.created:%Y-%m-%d %H:%M}",
            version.metrics.get("ndcg"),
            _short(version.reasons[0] if version.reasons else ""),
        )
        for version in versions
    ]
    show(("version", "alias", "made (UTC)", "NDCG", "the gate's word"), rows, as_json=False)


@models.command("show")
@version_argument
@options.workspace
@options.as_json
def show_(version: str, root: Path, as_json: bool) -> None:
    """Show one version: VERSION is a number, or SCENARIO/NUMBER."""
    from swayrec.commands.table import show_json, text_table
    from swayrec.operations.registry import Registry
    from swayrec.operations.workspace import Workspace

    told = _told(Registry(Workspace(root)).show(version))
    if as_json:
        show_json(told)
        return
    nested = {name: value for name, value in told.items() if isinstance(value, dict)}
    flat = {
        name: "; ".join(map(str, value)) if isinstance(value, list) else value
        for name, value in told.items()
        if name not in nested
    }
    click.echo(text_table(("of the version", "value"), list(flat.items())) + "\n")
    for name, values in nested.items():
        rows = [(key, _short(value) if isinstance(value, str) else value) for key, value in values.items()]
        click.echo(text_table((name, "value"), rows) + "\n")


@models.command()
@version_argument
@options.workspace
@to_cluster
@canary
def promote(version: str, root: Path, to: str, share: float, minutes: float, **service: str) -> None:
    """Make a version the champion, whatever the gate said: VERSION is a number, or SCENARIO/NUMBER.

    With --to cluster an InferenceService takes it up first: a canary for a share of the users, watched, and then for
    all, or withdrawn. One that was interrupted goes on where it is asked for again.
    """
    from swayrec.operations.registry import Registry
    from swayrec.operations.workspace import Workspace

    workspace = Workspace(root)
    if to == "here":
        _serves(workspace, Registry(workspace).promote(version))
        return
    from swayrec.operations.rollout.plan import Plan

    workspace = Workspace(root.resolve())
    chosen = Registry(workspace).show(version)
    outcome = rollout_of(workspace, **service).promote(chosen, Plan(share=share, minutes=minutes))
    ended(chosen.name, outcome)


@models.command()
@click.argument("scenario", required=False)
@options.workspace
@to_cluster
def rollback(scenario: str | None, root: Path, to: str, **service: str) -> None:
    """Give the champion's place back to the version that had it before; SCENARIO is a scenario's name."""
    from swayrec.operations.current import Current
    from swayrec.operations.registry import Registry
    from swayrec.operations.workspace import Workspace

    workspace = Workspace(root)
    name = scenario or Current.read(workspace).name
    if to == "here":
        _serves(workspace, Registry(workspace).rollback(name))
        return
    from swayrec.operations.rollout.plan import Plan

    former, outcome = rollout_of(Workspace(root.resolve()), **service).rollback(name, Plan())
    ended(former.name, outcome)


@models.command()
@version_argument
@options.workspace
@options.as_json
def bento(version: str, root: Path, as_json: bool) -> None:
    """Build a BentoML bento of a version: VERSION is a number, or SCENARIO/NUMBER."""
    from swayrec.commands.table import show_json
    from swayrec.operations import bento as bentos
    from swayrec.operations.registry import Registry
    from swayrec.operations.workspace import Workspace

    workspace = Workspace(root)
    tag = bentos.build(workspace, Registry(workspace).show(version))
    home = workspace.bentoml.resolve()
    if as_json:
        show_json({"bento": tag, "bentoml_home": str(home)})
        return
    click.echo(f"Bento {tag} is in {home}; to serve it on this machine:")
    click.echo(
        f"BENTOML_HOME={home} {bentos.DO_NOT_TRACK}=True {bentos.WORKSPACE}={root.resolve()} "
        f"bentoml serve {tag} --port 3000"
    )


def _serves(workspace: Any, version: "Version") -> None:
    from swayrec.operations.current import follow

    follow(workspace, version)
    click.echo(
        f"Version {version.name} is the champion now; a running `swayrec serve` takes it up by itself."
    )


def _told(version: "Version") -> dict[str, Any]:
    return {
        "version": version.name,
        "aliases": list(version.aliases),
        "promoted_by_gate": version.promoted,
        "reasons": list(version.reasons),
        "made": version.created.isoformat(),
        "previous_champion": version.previous,
        "model": version.place,
        "report": f"{version.place.removesuffix('/model')}/report/report.html",
        "reference": f"{version.place.removesuffix('/model')}/reference",
        "data_fingerprint": version.fingerprint,
        "code_version": version.code_version,
        "metrics": dict(version.metrics),
        "parameters": dict(version.parameters),
    }


def _short(text: str) -> str:
    """What fits a table; --json has all."""
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
