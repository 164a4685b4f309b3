import subprocess
import sys
import time
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from swayrec import cli

ROOT = Path(__file__).parents[1]
SLOW = (
    "kfp",
    "kserve",
    "feast",
    "mlflow",
    "tensorflow",
    "pandas",
    "numpy",
    "pyarrow",
    "pydantic",
    "rich",
    "ibis",
)


def commands(group=cli.main, path=()):
    """Every command with the words that call it."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield command, (*path, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))


LEAVES = [
    pytest.param(command, words, id=" ".join(words))
    for command, words in commands()
    if not isinstance(command, click.Group)
]


def test_help_answers_in_a_third_of_a_second():
    def seconds():
        begun = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "swayrec.cli", "--help"], cwd=ROOT, capture_output=True, check=True
        )
        return time.perf_counter() - begun

    # The best of several: other work on the machine only ever adds to it.
    assert min(seconds() for _ in range(8)) < 0.3


def test_nothing_slow_is_imported_before_a_command_runs():
    code = (
        "import sys; from swayrec.documentation.command_line import page; page(); "
        f"print([name for name in {SLOW} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(("command", "words"), LEAVES)
def test_every_command_takes_a_workspace_and_explains_every_option(command, words):
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    assert "--workspace" in [name for option in options for name in option.opts]
    assert [option.name for option in options if not option.help] == []
    assert command.help


def test_wrong_usage_exits_2_and_names_the_option():
    done = CliRunner().invoke(cli.main, ["train", "--nonsense"])
    assert done.exit_code == 2
    assert "--nonsense" in done.output


@pytest.mark.parametrize("time", ["soon", "9999-12-31T23:59:59-12:00"])
def test_time_that_is_none_is_wrong_usage(time):
    done = CliRunner().invoke(cli.main, ["train", "shop.toml", "--until", time])
    assert done.exit_code == 2
    assert f"'{time}' is no ISO 8601 time" in done.output


@pytest.mark.parametrize("name", ["check", "train"])
def test_missing_scenario_is_one_sentence_and_exit_1(name, tmp_path):
    done = CliRunner().invoke(cli.main, [name, "nothere.toml", "--workspace", str(tmp_path)])
    assert done.exit_code == 1
    assert (
        done.output == "Error: nothere.toml: there is no such scenario file; give the path of a .toml file\n"
    )


def test_version_is_the_package_s():
    assert CliRunner().invoke(cli.main, ["--version"]).output == "0.1.0\n"
