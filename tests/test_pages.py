"""What pages tell people to type and show, checked without typing it; and that both languages say as much."""

import argparse
import doctest
import importlib
import json
import re
import shlex
import sys
import tomllib
from pathlib import Path

import click
import pytest
import yaml

from swayrec import cli
from swayrec.documentation import sizing
from tests.pages import blocks

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
CHINESE = sorted(DOCS.rglob("*.zh.md"))
ENGLISH_ONLY = {
    "baselines.md",
    "cli.md",
    "effects.md",
    "endpoints.md",
    "fairness.md",
    "monitoring.md",
    "protocols.md",
    "redis.md",
    "results.md",
    "scenario.md",
}
"""The reference pages; decisions are in English only too."""

SHELL = ("", "bash", "sh", "console")


def named(page):
    return page.relative_to(ROOT).as_posix()


# Both languages.


def test_every_page_is_there_in_both_languages_but_references_and_decisions():
    english = {
        page.relative_to(DOCS).as_posix()
        for page in DOCS.rglob("*.md")
        if not page.name.endswith(".zh.md") and page.parent.name != "adr"
    }
    chinese = {page.relative_to(DOCS).as_posix().replace(".zh.md", ".md") for page in CHINESE}
    others = {"cluster/images.md", "cluster/manifests.md", "cluster/engines.md"}
    assert english - ENGLISH_ONLY - others <= chinese <= english


@pytest.mark.parametrize("page", CHINESE, ids=named)
def test_a_page_has_the_same_headings_rows_and_blocks_in_both_languages(page):
    other = page.with_name(page.name.replace(".zh.md", ".md"))
    assert blocks(page) == blocks(other)
    counted = []
    for each in (page, other):
        text = re.sub(r"^```.*?^```$", "", each.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
        heads = [len(marks) for marks in re.findall(r"^(#+) ", text, re.MULTILINE)]
        counted.append((heads, text.count("\n|"), len(re.findall(r"^(?:-|\d\.) ", text, re.MULTILINE))))
    assert counted[0] == counted[1]


# What pages tell people to type.


def commands(page):
    """Each command of a page's blocks as words, variables before it left out."""
    for language in SHELL:
        for block in blocks(page, language):
            for line in block.replace("\\\n", " ").splitlines():
                if re.match(r"(?:[A-Z_]+=\S+ )*(?:swayrec|make|kfp|python -m) ", line + " "):
                    words = shlex.split(line, comments=True)
                    while "=" in words[0]:
                        words.pop(0)
                    yield words


def check(command, words, context=None):
    """Parses words by a click command and those below it, as far as names and numbers of arguments go.

    Raises:
        click.UsageError: there is no such command or option, or an argument is missing or too much.
    """
    name, *rest = words
    # A command keeps the help option of the first context that asks for it, for whoever asks later.
    context = click.Context(command, info_name=name, parent=context, **command.context_settings)
    options, rest, _ = command.make_parser(context).parse_args(rest)
    if isinstance(command, click.Group):
        if not rest:
            raise click.UsageError(f"{name}: no command")
        below = command.get_command(context, rest[0])
        if below is None:
            raise click.UsageError(f"{name} {rest[0]}: no such command")
        check(below, rest, context)
    elif rest:
        raise click.UsageError(f"{name}: {rest} too much")
    for parameter in command.params:
        # What was not given is None, or a mark of click's own.
        if parameter.required and not isinstance(options.get(parameter.name), str | tuple):
            raise click.UsageError(f"{name}: {parameter.name} is missing")


class ParsedError(Exception):
    """A module's parser took the words."""


def module_takes(words, monkeypatch):
    """Whether `python -m MODULE ...` parses them: its own main is called, up to its parser."""
    parse = argparse.ArgumentParser.parse_args

    def only_parse(self, *given):
        parse(self, *given)
        raise ParsedError

    module = importlib.import_module(words[2])
    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", only_parse)
    monkeypatch.setattr(sys, "argv", [words[2], *words[3:]])
    try:
        module.main()
    except ParsedError:
        return True
    except SystemExit:
        return False
    return False


TYPED = {named(page): found for page in PAGES if (found := list(commands(page)))}
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def test_commands_are_found_where_they_stand():
    assert ["swayrec", "experiment", "end", "--workspace", "/workspace"] in TYPED["docs/cluster/rollout.md"]
    assert ["make", "pipelines"] in TYPED["docs/cluster/install.md"]
    assert len(TYPED["README.md"]) > 10


@pytest.mark.parametrize("page", TYPED)
def test_what_a_page_tells_to_type_is_taken(page, monkeypatch):
    from kfp.cli import cli as kfp

    for words in TYPED[page]:
        if words[0] == "make":
            asked = {word for word in words[1:] if "=" not in word}
            assert asked <= TARGETS, words
        elif words[0] == "python":
            with monkeypatch.context() as patch:
                assert module_takes(words, patch), words
        else:
            check(cli.main if words[0] == "swayrec" else kfp.cli, words)


@pytest.mark.parametrize(
    "words",
    [
        "swayrec trian x.toml",
        "swayrec train",
        "swayrec train x.toml --workplace y",
        "swayrec models show 1 2",
    ],
)
def test_a_wrong_command_is_found(words):
    with pytest.raises(click.UsageError):
        check(cli.main, words.split())


# What pages show.

READ = {
    "json": json.loads,
    "toml": tomllib.loads,
    "yaml": lambda text: list(yaml.safe_load_all(text)),
    "python": lambda text: compile(text, "page", "exec"),
}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_blocks_of_data_and_code_can_be_read(page):
    for language, read in READ.items():
        for block in blocks(page, language):
            read(block)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_nothing_is_left_to_be_written(page):
    assert not re.search(
        r"\b(TODO|TBD|FIXME|XXX|lorem ipsum|coming soon)\b|待补|待写",
        page.read_text(encoding="utf-8"),
        re.IGNORECASE,
    )


def test_the_arithmetic_of_sizes_holds_and_its_page_tells_the_same_figures(capsys):
    assert doctest.testmod(sizing).failed == 0
    [code] = blocks(DOCS / "cluster" / "sizing.md", "python")
    exec(code, {})
    assert re.fullmatch(r"[\d.]+ GB, [\d.]+ GB, [\d.]+ cores\n", capsys.readouterr().out)
    for name, rows in (("sizing.md", "rows"), ("sizing.zh.md", "行数")):
        text = (DOCS / "cluster" / name).read_text(encoding="utf-8")
        assert f"{sizing.REDIS_USER:,.0f} + {sizing.REDIS_HISTORY_ROW} × {rows}" in text
        for figure in (sizing.HISTORY_ROW, sizing.OFFLINE_HISTORY_ROW, sizing.EVENT, f"{sizing.ITEM_ID:.0f}"):
            assert f"{figure}" in text


def test_more_of_anything_never_needs_less():
    few, many = sizing.Load(10_000, 1_000), sizing.Load(20_000, 200_000)
    for needs in (
        sizing.online_store,
        sizing.event_log,
        sizing.exposures,
        sizing.predictor,
        sizing.swapping,
        sizing.transformer_cores,
        sizing.predictor_cores,
        sizing.training_log,
        sizing.text_pairs,
        sizing.bucket,
        sizing.volume,
    ):
        assert 0 < needs(few) < needs(many), needs.__name__
