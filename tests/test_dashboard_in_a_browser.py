"""The dashboard in a real browser: what drifted is found by clicking, and nothing leaves this machine."""

import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from swayrec.operations.monitoring.evidently_folder import EvidentlyFolder
from swayrec.operations.monitoring.panels import dashboard
from swayrec.operations.monitoring.report_page import html
from swayrec.operations.workspace import Workspace
from tests.browser import Browser
from tests.operations.monitoring.told import DRIFTS, verdict

pytestmark = pytest.mark.system("chromium")
ROOT = Path(__file__).parents[1]
WEEKS = DRIFTS + 4
PANEL = "Evidence: What it is about · 内容"


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The address of a dashboard of ten weeks; popularity drifts from the seventh on."""
    place = Workspace(tmp_path_factory.mktemp("browser"))
    folder = EvidentlyFolder(place.evidently, "shop", "Shop")
    for week in range(WEEKS):
        folder.add(verdict(week))
    command = [
        sys.executable,
        "-m",
        "swayrec.cli",
        "dashboard",
        "--workspace",
        str(place.root),
        "--port",
        "0",
    ]
    server = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        yield server.stdout.readline().split()[4]
    finally:
        server.terminate()
        server.communicate(timeout=120)


def named(text):
    """JavaScript that finds the smallest element with a text."""
    alone = f"!e.children.length && e.textContent.trim() === {json.dumps(text)}"
    return f"[...document.querySelectorAll('*')].find(e => {alone})"


@pytest.mark.timeout(600)
def test_what_drifted_is_found_by_clicking_and_no_request_leaves_the_machine(served, tmp_path):
    with Browser() as browser:
        browser.open(served)
        browser.until(f"!!{named('shop')}")
        browser.value(f"{named('shop')}.click()")
        for title in (panel.title for panel in dashboard().panels):
            browser.until(f"!!{named(title)}")
        card = f"(e => {{ while (!e.querySelector('svg circle')) e = e.parentElement; return e }})({named(PANEL)})"
        browser.until(f"!!{card}")
        browser.value(f"{card}.scrollIntoView()")
        # The points of the check that drifted stand highest; a click between them and the next is on their window.
        middle = (
            "c => { const r = c.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2] }"
        )
        points = f"[...{card}.querySelectorAll('svg circle')].map({middle})"
        browser.until(f"{points}.length >= {5 * WEEKS}")
        top = min(y for _, y in browser.value(points))
        high = sorted(point for point in browser.value(points) if abs(point[1] - top) < 3)
        assert len(high) == WEEKS - DRIFTS, "the drifted weeks, and they alone, are above the bar"
        browser.picture(tmp_path / "drift.png")
        browser.click(high[1][0], high[1][1] + 25)
        browser.until(f"!!{named('View report')}")
        browser.value(f"{named('View report')}.click()")
        browser.until(f"!!{named('Tests')}")
        browser.until(
            "document.body.innerText.includes('retrain: the model should learn anew · 重训：模型应重新训练')"
        )
        assert "Popularity moved." in browser.text and "热度变化。" in browser.text
        browser.value(f"{named('Tests')}.click()")
        browser.until(
            "document.body.innerText.includes('Popularity of items: evidence · 物品热度：证据: Less')"
        )
        lines = browser.text.splitlines()
        assert (
            lines[lines.index("FAIL") - 1 : lines.index("FAIL") + 1] == ["1", "FAIL"]
            or "1\n\nFAIL" in browser.text
        )
        assert "Popularity of items: evidence · 物品热度：证据: Actual value 2.000 >= 1.000" in browser.text
        browser.picture(tmp_path / "tests.png")
        assert {
            urlsplit(url).hostname for url in browser.requested() if not url.startswith(("data:", "blob:"))
        } == {"127.0.0.1"}
        assert browser.complaints() == []


def test_the_page_of_a_window_asks_for_nothing(tmp_path):
    page = tmp_path / "page.html"
    page.write_text(html([verdict(week) for week in range(WEEKS)], verdict(WEEKS)), encoding="utf-8")
    with Browser() as browser:
        browser.open(page.as_uri())
        browser.until("document.querySelectorAll('figure svg').length === 6")
        assert [url for url in browser.requested() if not url.startswith("file:")] == []
        assert browser.complaints() == []
