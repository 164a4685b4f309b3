"""The written pages say what the code does: what is made is fresh, and what can be copied works."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from swayrec import cli
from swayrec.documentation import scenario_fields
from swayrec.documentation.pages import MADE
from tests.pages import blocks

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def anchors(page):
    """The headings of a page as links name them: the way of GitHub."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    heads = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return [re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads]


@pytest.mark.parametrize("made", MADE, ids=lambda made: made.PAGE.name)
def test_pages_made_from_code_are_fresh(made):
    assert made.PAGE.read_text(encoding="utf-8") == made.page(), "run `make docs`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_relative_link_arrives(page):
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
    for link in links:
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_no_two_headings_of_the_reference_of_fields_share_an_address():
    named = anchors(scenario_fields.PAGE)
    assert len(set(named)) == len(named)


def test_both_readmes_hold_the_same_commands_and_figures_and_lead_to_each_other():
    english, chinese = ROOT / "README.md", ROOT / "README.zh-CN.md"
    shown = [
        [re.sub(r"^# .*", "#", block, flags=re.MULTILINE) for block in blocks(page)]
        for page in (english, chinese)
    ]
    assert shown[0] == shown[1] != []
    told = [page.read_text(encoding="utf-8") for page in (english, chinese)]
    assert "(README.zh-CN.md)" in told[0].split("##")[0]
    assert "(README.md)" in told[1].split("##")[0]
    rows = [re.findall(r"^\|.*\d.*\|$", text, re.MULTILINE) for text in told]
    assert [re.findall(r"\d+", row) for row in rows[0]] == [re.findall(r"\d+", row) for row in rows[1]]


def test_the_scenarios_of_the_page_pass_check_on_the_log_of_the_page(tmp_path, monkeypatch):
    [log], [scenario, extended] = blocks(scenario_fields.PAGE, "csv"), blocks(scenario_fields.PAGE, "toml")
    (tmp_path / "events.csv").write_text(log, encoding="utf-8")
    (tmp_path / "shop.toml").write_text(scenario, encoding="utf-8")
    (tmp_path / "shop-last.toml").write_text(extended, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli.main, ["check", "shop.toml"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert "13 events of 4 users on 3 items" in done.output
    assert "recommend 3 items (100.0% of all events) for buy" in done.output
    assert "split by time" in done.output
    done = CliRunner().invoke(cli.main, ["check", "shop-last.toml"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert "split by last" in done.output
