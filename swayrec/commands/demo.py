"""`swayrec demo`, which `make run` calls: from raw files to an answer over HTTP, explained to a newcomer."""

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from swayrec.commands import options

if TYPE_CHECKING:
    from swayrec.evaluation.bootstrap import Estimate
    from swayrec.operations.current import Current
    from swayrec.operations.workspace import Workspace

SHOWN = 5
REASONS = 2


@click.command()
@options.workspace
@click.option(
    "--scenario",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Another scenario (default: the groceries of Complete Journey).",
)
@click.option("--user", metavar="U", help="Whom to recommend for (default: somebody with an average past).")
def demo(root: Path, scenario: Path | None, user: str | None) -> None:
    """Train, and show what comes of it up to recommendations over HTTP with their reasons (`make run`)."""
    import pipelines
    from swayrec.commands.influence import show_behaviors
    from swayrec.commands.train import trained
    from swayrec.operations.workspace import Workspace

    workspace = Workspace(root)
    scenario = scenario or Path(pipelines.__file__).parent / "scenarios" / "ecommerce.toml"
    click.echo(
        f"Training on {scenario.name} in {root}; stopped and started again, it goes on where it stopped."
    )
    current = trained(workspace, scenario)
    _head("How much one average past event of each behavior sways the next choice")
    show_behaviors(current, as_json=False)
    _head("Quality on the test weeks, beside the baselines")
    _show_quality(current)
    asker = user or _somebody(current)
    _show_answer(workspace, current, asker)
    _head("Where things are")
    _show_places(workspace, current)
    _head("What to type next")
    _show_next(workspace, asker)


def _show_quality(current: "Current") -> None:
    from swayrec.commands.table import text_table
    from swayrec.evaluation.judgment import Judgment
    from swayrec.learning.baselines import BASELINES
    from swayrec.operations.gate import Decision

    judgment = Judgment.read(current.evaluation)
    rows = []
    for system in sorted(judgment.systems, key=lambda name: -judgment.means[name]["ndcg"].mean):
        mean, over = judgment.means[system]["ndcg"], judgment.differences.get(system)
        title = BASELINES[system].title if system in BASELINES else "Swayrec"
        rows.append((title, _told(mean), _told(over["ndcg"], "+") if over else ""))
    click.echo(text_table(("system", f"NDCG@{judgment.k} [95 %]", "Swayrec minus it [95 %]"), rows))
    click.echo("The gate: " + "; ".join(Decision.read(current.decision).reasons) + ".")


def _told(estimate: "Estimate", sign: str = "") -> str:
    mean, low, high = (f"{value:{sign}.4f}" for value in (estimate.mean, estimate.low, estimate.high))
    return f"{mean} [{low}, {high}]"


def _show_answer(workspace: "Workspace", current: "Current", user: str) -> None:
    from serving.processes import Serving

    _head(f"Recommendations for user {user}, asked over HTTP")
    with Serving(workspace, say=lambda text: click.echo(f"  {text}", err=True)) as serving:
        url = f"{serving.url}/v1/models/swayrec:predict"
        answer = asked(url, user)
    click.echo(f"POST {url} (level {answer['level']}, model version {answer['model_version']})")
    for place, item in enumerate(answer["items"], start=1):
        click.echo(f"{place}. {item['title']} (item {item['item_id']}, score {item['score']:.4f})")
        for reason in item["reasons"][:REASONS]:
            click.echo(f"     {reason['text']} ({reason['share']:+.4f})")


def asked(url: str, user: str) -> dict[str, Any]:
    """The endpoint's answer for one user."""
    body = json.dumps({"instances": [{"user_id": user, "k": SHOWN}]}).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    # No proxy lies between a machine and itself, whatever the environment says.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=60) as response:
            answer: dict[str, Any] = json.load(response)["predictions"][0]
    except urllib.error.HTTPError as error:
        raise click.ClickException(f"{url} answers {error.code}: {error.read().decode()}") from None
    return answer


def _somebody(current: "Current") -> str:
    """The user whose number of events is the median."""
    from swayrec.tables.dataset import Dataset

    counts = Dataset(current.dataset).events().group_by("user_id").aggregate([("user_id", "count")])
    ordered = counts.sort_by([("user_id_count", "ascending"), ("user_id", "ascending")])["user_id"]
    return str(ordered[len(ordered) // 2].as_py())


def _show_places(workspace: "Workspace", current: "Current") -> None:
    from swayrec.commands.table import text_table

    rows = [
        ("report", workspace.reports / current.name / "report.html"),
        ("model", current.model),
        ("features", workspace.features / current.name),
        ("dataset", current.dataset),
        ("logs", workspace.logs),
    ]
    click.echo(text_table(("what", "where"), rows))


def _show_next(workspace: "Workspace", user: str) -> None:
    at = "" if workspace.root == Path(".swayrec") else f" --workspace {workspace.root}"
    swayrec = ".venv/bin/swayrec"
    for command, what in (
        (f"{swayrec} serve{at}", "the endpoint, until Ctrl-C"),
        (f"{swayrec} influence --user {user}{at}", "what swayed this user, event by event"),
        (f"echo {user} | {swayrec} recommend --users - --output lists.csv{at}", "lists for many users"),
        (f"{swayrec} models list{at}", "the versions, and why each was or was not promoted"),
        (
            f"{swayrec} check my.toml{at}",
            "your own data: write my.toml like pipelines/scenarios/ecommerce.toml",
        ),
    ):
        click.echo(f"{command}\n    {what}")


def _head(text: str) -> None:
    click.echo(f"\n{click.style(text, bold=True)}")
