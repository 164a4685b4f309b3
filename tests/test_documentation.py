"""The written pages say what the code does: what is made is fresh, and what can be copied works."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from swayrec import cli
from swayrec.documentation import command_line, scenario_fields

ROOT = Path(__file__).parents[1]


def blocks(page, language=""):
    """The fenced blocks of a Markdown page, in order: of one language, or of those that name none."""
    text = page.read_text(encoding="utf-8")
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [body for named, body in found if named == language]


@pytest.mark.parametrize("made", [command_line, scenario_fields], ids=lambda made: made.PAGE.name)
def test_pages_made_from_code_are_fresh(made):
    assert made.PAGE.read_text(encoding="utf-8") == made.page(), "run `make docs`"


def test_every_link_into_the_reference_of_fields_arrives():
    text = scenario_fields.PAGE.read_text(encoding="utf-8")
    heads = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}
    assert len(anchors) == len(heads)
    assert set(re.findall(r"\]\(#([^)]*)\)", text)) <= anchors


def test_the_first_scenario_of_the_page_passes_check_on_the_log_of_the_page(tmp_path, monkeypatch):
    [log], [scenario] = blocks(scenario_fields.PAGE, "csv"), blocks(scenario_fields.PAGE, "toml")
    (tmp_path / "events.csv").write_text(log, encoding="utf-8")
    (tmp_path / "shop.toml").write_text(scenario, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli.main, ["check", "shop.toml"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert "13 events of 4 users on 3 items" in done.output
    assert "recommend 3 items (100.0% of all events) for buy" in done.output
