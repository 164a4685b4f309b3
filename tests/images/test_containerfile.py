"""The Containerfile's text, where no container can be run."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "Containerfile").read_text(encoding="utf-8")
STAGES = {
    re.match(r"\S+ AS (\w+)", stage)[1]: stage
    for stage in re.split(r"(?m)^FROM ", TEXT.partition("FROM ")[2])
}


def test_every_stage_is_built_on_the_base_or_another_stage_and_the_base_names_no_registry():
    assert {re.match(r"\S+", stage)[0] for stage in STAGES.values()} == {"${BASE}", "runtime"}
    assert re.findall(r"(?m)^ARG BASE=(.*)$", TEXT) == ["python:3.11-slim"]
    assert "://" not in TEXT


def test_the_two_images_differ_in_their_packages_their_words_and_what_a_gpu_needs():
    def plain(kind):
        lines = [line for line in STAGES[kind].replace(kind, "KIND").splitlines() if line and line[0] != "#"]
        return [line for line in lines if "NVIDIA" not in line and "description" not in line]

    assert plain("cpu") == plain("gpu")
    assert list(STAGES)[-1] == "cpu", "the last stage is what is built where no target is named"


def test_only_what_the_wheel_is_made_of_and_the_locks_get_into_the_build():
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*" and {"**/tests", "**/__pycache__"} <= set(rules)
    let_in = {rule[1:] for rule in rules if rule.startswith("!")}
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert let_in == packages | {
        *("pyproject.toml", "README.md", "LICENSE"),
        *(path.name for path in ROOT.glob("requirements*.lock")),
    }
