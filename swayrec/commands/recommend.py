"""`swayrec recommend`: ranked lists for many users, through the exported model."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from swayrec.commands import options

if TYPE_CHECKING:
    import pyarrow as pa


@click.command()
@options.workspace
@click.option(
    "--users",
    metavar="FILE",
    required=True,
    help="One user id a line, or a column user_id; - = standard input.",
)
@click.option("-k", "k", type=click.IntRange(1), default=10, show_default=True, help="Items a user.")
@click.option(
    "--exclude-seen/--include-seen",
    "exclude_seen",
    default=True,
    show_default=True,
    help="Whether what the scenario calls seen stays off the lists.",
)
@click.option(
    "--candidates",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Rank only these: a CSV or Parquet file with user_id and item_id.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    required=True,
    help="Where to write user_id, item_id, rank and score: a .csv or a .parquet file.",
)
def recommend(
    root: Path, users: str, k: int, exclude_seen: bool, candidates: Path | None, output: Path
) -> None:
    """Recommend for many users: the served model, on the newest histories."""
    from swayrec.commands.silence import load_tensorflow
    from swayrec.commands.watching import counted
    from swayrec.operations import batch, id_files
    from swayrec.operations.current import Current
    from swayrec.operations.item_facts import facts
    from swayrec.operations.rules import Rules
    from swayrec.operations.workspace import Workspace, check_writable
    from swayrec.tables import scenario as scenarios
    from swayrec.tables.dataset import Dataset
    from swayrec.tables.errors import InputError

    if output.suffix not in (".csv", ".parquet"):
        raise InputError(f"{output}: the output must end in .csv or .parquet")
    if output.is_dir():
        raise InputError(f"{output}: there is a folder of this name; give another path")
    wanted = id_files.users(users)
    among = id_files.candidates(candidates) if candidates else None
    current = Current.read(Workspace(root))
    asked = scenarios.load(current.scenario)
    with _written(output):
        # Before the work, which may take long.
        check_writable(output.parent)
    # TensorFlow takes seconds: only once it is sure to be needed.
    load_tensorflow()
    from swayrec.learning.export import ExportedModel

    model = ExportedModel.load(current.model)
    held = Dataset(current.dataset)
    log, rules = held.log(asked), Rules(asked.policy, facts(held.items(), asked.policy))
    if k > model.metadata.results:
        raise InputError(f"-k is {k}; the model returns {model.metadata.results} items at most")
    with counted("users", len(wanted)) as advance:
        lists = batch.recommend(
            model,
            log,
            wanted,
            k,
            exclude_seen=exclude_seen,
            candidates=among,
            rules=rules,
            progress=advance,
        )
    _write(lists, output)
    strangers = len(set(wanted) - set(log.users))
    foreign = len({item for items in (among or {}).values() for item in items} - set(log.items))
    listed = len(lists["user_id"].unique())
    click.echo(
        f"{output}: {lists.num_rows:,} rows for {listed:,} users"
        + (f"; unknown, so that they get what everyone takes: {strangers:,}" if strangers else "")
        + (f"; candidates that no event names, left out: {foreign:,}" if foreign else "")
        + (f"; without an item to show: {len(wanted) - listed:,}" if listed < len(wanted) else ""),
        err=True,
    )


def _write(lists: "pa.Table", output: Path) -> None:
    from pyarrow import csv, parquet

    from swayrec.operations.workspace import written_whole

    with _written(output), written_whole(output) as path:
        if output.suffix == ".csv":
            csv.write_csv(lists, path)
        else:
            parquet.write_table(lists, path)


@contextlib.contextmanager
def _written(output: Path) -> Iterator[None]:
    """What the system refuses while the block writes, as a sentence."""
    from swayrec.tables.errors import InputError

    try:
        yield
    except OSError as error:
        raise InputError(
            f"{output}: cannot be written ({error.strerror or error}); give another path"
        ) from None
