"""The component `ingest`: a door to the package, which is in the image."""

import os

from kfp import dsl


@dsl.component(
    base_image=os.environ.get("SWAYREC_IMAGE", "swayrec:latest"),
    packages_to_install=[],
    install_kfp_package=False,
)
def ingest(
    scenario: str,
    until: str,
    code: str,
    raw: str,
    posted: str,
    since: str,
    engine: str,
    dataset: dsl.Output[dsl.Dataset],
) -> None:
    """Reads a scenario's raw files into the canonical tables; bad rows are counted, quarantined and reported.

    Args:
        scenario: path of the scenario file.
        until: ISO 8601 time; every event at or after it is ignored. Empty = all events.
        code: hash of the code, so that a cache notices when it changes.
        raw: hash of the raw files and of what was posted, for the same reason.
        posted: folder of the exported log of the intake, whose events and items count beside those of the files.
            Empty = none.
        since: ISO 8601 time; every event before it is ignored. Empty = none are.
        engine: what computes the tables, duckdb or spark. Empty = what SWAYREC_ENGINE names, else duckdb.
        dataset: events, items and users as Parquet, the report and the quarantined rows.
    """
    from datetime import UTC, datetime
    from pathlib import Path

    from swayrec.operations import fingerprint
    from swayrec.operations.step import step
    from swayrec.tables import scenario as scenarios
    from swayrec.tables.ingest import ingest as read

    with step("ingest") as say:
        end = datetime.fromisoformat(until) if until else None
        asked = scenarios.load(scenario)
        log = Path(posted) if posted else None
        made = read(
            asked,
            scenario,
            Path(dataset.path),
            until=end,
            now=datetime.now(UTC),
            posted=log,
            made_of=fingerprint.made_of(code, raw, until, since),
            engine=engine or None,
            since=datetime.fromisoformat(since) if since else None,
        )
        dataset.metadata["fingerprint"] = made.fingerprint()
        say(f"{made.events().num_rows:,} events")
