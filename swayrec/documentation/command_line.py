"""docs/cli.md, made from the commands themselves."""

from pathlib import Path

import click

from swayrec import cli

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"

_WIDTH = 100


def page() -> str:
    """The page: the help of every command, as `--help` prints it."""
    root = click.Context(cli.main, info_name="swayrec", terminal_width=_WIDTH, **cli.main.context_settings)
    parts = [
        "# The command line",
        "Written by `make docs` from what each command prints for `--help`.",
        "Every command exits 0 on success, 1 with one sentence on bad input, 2 on wrong usage.",
        *_sections(cli.main, root),
    ]
    return "\n\n".join(parts) + "\n"


def _sections(command: click.Command, context: click.Context) -> list[str]:
    parts = [f"## {context.command_path}", f"```\n{command.get_help(context)}\n```"]
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            part = command.get_command(context, name)
            if part is not None:
                below = click.Context(part, info_name=name, parent=context, terminal_width=_WIDTH)
                parts += _sections(part, below)
    return parts
