"""What the pages tell people to type, typed: against a real `swayrec serve` on real data."""

import itertools
import re
import shlex
import urllib.request
from pathlib import Path

import pytest

from serving.processes import Serving
from tests.benchmarks.freshness import copied
from tests.pages import blocks

HOUSE = Path(__file__).parents[1]
PAGES = ("README.md", "README.zh-CN.md", "docs/endpoints.md")


def curls(page):
    """Address, headers and body of each curl command on a page."""
    for block in blocks(HOUSE / page, ""):
        for command in re.split(r"\n(?=curl|swayrec|#)", "\n" + block.replace("\\\n", " ")):
            if command.startswith("curl"):
                words = shlex.split(command)[1:]
                options = list(itertools.pairwise(words))
                headers = dict(value.split(": ", 1) for name, value in options if name == "-H")
                bodies = [value for name, value in options if name == "-d"]
                [url] = [word for word in words if word.startswith("http://")]
                yield url, headers, bodies[0] if bodies else None


@pytest.fixture(scope="module")
def serving(trained, tmp_path_factory):
    with Serving(copied(trained, tmp_path_factory.mktemp("readme") / "ws"), intake=True) as running:
        yield running


def there(serving, text):
    """The same at the ports of the test."""
    return text.replace("http://127.0.0.1:8080", serving.url).replace(
        "http://127.0.0.1:8081", serving.intake_url
    )


@pytest.mark.parametrize("page", PAGES)
def test_every_curl_line_is_answered(serving, page):
    lines = list(curls(page))
    assert len(lines) >= 10
    for url, headers, body in lines:
        asked = urllib.request.Request(there(serving, url), body and body.encode(), headers)
        with urllib.request.urlopen(asked, timeout=30) as response:
            assert response.status == 200, (url, body)
            assert response.read()


@pytest.mark.parametrize("page", PAGES[:2])
def test_the_python_lines_run(serving, page):
    [code] = blocks(HOUSE / page, "python")
    told = {}
    exec(there(serving, code), told)
    assert len(told["answer"].items) == 5
