"""Tests marked `system` name the programs that they need: ``@pytest.mark.system("redis-server")``.

Where a program is missing such a test is skipped in a sentence. ``--system=skip`` skips all of them, and with
``--system=must`` one that is skipped, whatever for, has failed.
"""

import shutil
from collections.abc import Iterator
from typing import Any

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--system",
        choices=("may", "skip", "must"),
        default="may",
        help="tests that need a system program: run where it is there (may), left to make test-system (skip), "
        "none skipped (must)",
    )


def pytest_runtest_setup(item: pytest.Item) -> None:
    programs = _programs(item)
    if not programs:
        return
    named = " and ".join(programs)
    if item.config.getoption("--system") == "skip":
        pytest.skip(f"it needs {named}: `make test-system` runs it")
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        pytest.skip(f"{' and '.join(missing)} is not installed: `make test-system` installs and runs it")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Iterator[Any]:
    report = yield
    if report.skipped and _programs(item) and item.config.getoption("--system") == "must":
        report.outcome = "failed"
        report.longrepr = (
            f"a system test was skipped: {call.excinfo.value if call.excinfo else report.longrepr}"
        )
    return report


def _programs(item: pytest.Item) -> list[str]:
    return [program for mark in item.iter_markers("system") for program in mark.args]
