"""Options that several commands share, so that they are called and explained the same everywhere."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click


class Time(click.ParamType):
    """An instant in ISO 8601; one that names no zone is UTC. The value is ISO 8601 text in UTC."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The instant as text, so that one instant is always spelled the same."""
        if not value:
            return ""
        try:
            given = datetime.fromisoformat(value)
            return (given if given.tzinfo else given.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
        except (ValueError, OverflowError):
            self.fail(
                f"{value!r} is no ISO 8601 time such as 2017-12-01 or 2017-12-01T08:00:00+08:00", param, ctx
            )


workspace = click.option(
    "--workspace",
    "root",
    type=click.Path(path_type=Path),
    default=Path(".swayrec"),
    show_default=True,
    metavar="DIR",
    help="The folder that holds all that Swayrec makes.",
)

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")

scenario = click.argument("scenario", type=click.Path(path_type=Path), metavar="SCENARIO")

until = click.option(
    "--until",
    type=Time(),
    metavar="TIME",
    default="",
    help="Ignore every event at or after TIME (ISO 8601; UTC where it names no zone).",
)
