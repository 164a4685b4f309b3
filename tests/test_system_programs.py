import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TESTS = """
import pytest

@pytest.mark.system("sh")
def test_there(): pass

@pytest.mark.system("sh", "no-such-program")
def test_missing(): pass

@pytest.mark.system("sh")
def test_that_skips_itself(): pytest.skip("no mood")

def test_plain(): pytest.skip("for its own reasons")
"""


def outcomes(tmp_path, *options):
    """How each test ended, and all that pytest printed."""
    (tmp_path / "test_programs.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = system\n")
    command = [sys.executable, "-m", "pytest", "-rA", "-p", "tests.system_programs", *options, "."]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    return done.returncode, done.stdout.splitlines()[-1], done.stdout


def test_a_system_test_is_skipped_where_its_program_is_missing_and_names_it(tmp_path):
    code, last, told = outcomes(tmp_path)
    assert code == 0 and "1 passed, 3 skipped" in last
    assert "no-such-program is not installed: `make test-system` installs and runs it" in told


def test_make_test_leaves_system_tests_alone_and_names_what_they_need(tmp_path):
    code, last, told = outcomes(tmp_path, "--system=skip")
    assert code == 0 and "4 skipped" in last
    assert "it needs sh and no-such-program: `make test-system` runs it" in told


def test_make_test_system_fails_where_a_system_test_is_skipped(tmp_path):
    code, last, told = outcomes(tmp_path, "--system=must")
    assert code == 1 and "1 failed, 1 passed, 1 skipped, 1 error" in last
    assert "a system test was skipped: no-such-program is not installed" in told
    assert "a system test was skipped: no mood" in told


@pytest.mark.parametrize(
    ("need", "asked"),
    [
        ("sh:dash", ""),
        ("no-such-program:its-package", "-qq update -qq install -y --no-install-recommends its-package"),
    ],
)
def test_make_test_system_installs_what_is_missing_and_nothing_else(tmp_path, need, asked):
    stand_ins = {"apt-get": 'echo "$@" >> asked', "sudo": 'exec "$@"', "systemctl": "", "python": ""}
    for name, does in stand_ins.items():
        (tmp_path / name).write_text(f"#!/bin/sh\ncd {tmp_path}\n{does}\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "asked").write_text("")
    command = ["make", "-o", ".venv/.ready", "test-system", f"SYSTEM={need}", f"BIN={tmp_path}"]
    path = f"{tmp_path}:{os.environ['PATH']}"
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, env={**os.environ, "PATH": path})
    assert (tmp_path / "asked").read_text().split() == asked.split()
