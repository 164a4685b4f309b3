"""What `swayrec monitor --retrain` does, and how it is told."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from swayrec.commands.watching import Progress
    from swayrec.operations.monitoring.acting import Act
    from swayrec.operations.monitoring.retraining import Busy, Retraining
    from swayrec.operations.monitoring.sentence import Sentence
    from swayrec.operations.workspace import Workspace


@dataclass(frozen=True)
class Acted:
    """Experiments that were ended and rollbacks; the retraining (None = none was due); what a webhook did not take."""

    acts: "list[Act]"
    retraining: "Retraining | Busy | None"
    untold: "list[Sentence]"

    def to_json(self) -> dict[str, Any]:
        """As JSON knows it."""
        from swayrec.operations.monitoring.retraining import Retraining

        record = self.retraining.to_json() if isinstance(self.retraining, Retraining) else None
        return {"acts": [asdict(each) for each in self.acts], "retraining": record}

    def show(self, workspace: "Workspace", *, err: bool) -> None:
        """Tells people.

        Raises:
            ClickException: the retraining failed.
        """
        from swayrec.operations.current import Current
        from swayrec.operations.monitoring.retraining import Retraining

        for act in self.acts:
            click.echo(f"{act.action.replace('_', ' ')}: {act.told}", err=err)
        if self.retraining is None:
            return
        if not isinstance(self.retraining, Retraining):
            click.echo("Another process is retraining just now; this one leaves it to it.", err=True)
            return
        told = "; ".join(self.retraining.told)
        if self.retraining.status == "failed":
            served = Current.read(workspace).version
            raise click.ClickException(f"the retraining failed, version {served} serves on: {told}")
        click.echo(f"Retrained, version {self.retraining.version}: {told}.", err=err)


def acted(workspace: "Workspace", folder: Path, progress: "Progress", until: str) -> Acted:
    """Does what the verdicts in ``folder`` ask for."""
    from pipelines.retraining import retrain
    from swayrec.operations.monitoring import telling
    from swayrec.operations.monitoring.acting import act
    from swayrec.operations.monitoring.retraining import Retraining

    acts = act(workspace)
    record = retrain(workspace, progress, until)
    untold = telling.retraining(folder, record) if isinstance(record, Retraining) else []
    return Acted(acts, record, untold)
