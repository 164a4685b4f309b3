import ast
from pathlib import Path

import pytest
import yaml

from components.documentation import components, path, readme

HERE = Path(__file__).parents[1] / "components"
NAMES = list(components())


@pytest.mark.parametrize("name", NAMES)
def test_readme_is_made_from_the_signature(name):
    assert path(name).read_text(encoding="utf-8") == readme(name), "run `make docs`"


@pytest.mark.parametrize("name", NAMES)
def test_door_imports_only_the_standard_library_and_kfp_at_its_top(name):
    tree = ast.parse((HERE / name / "component.py").read_text(encoding="utf-8"))
    top = {
        (node.module if isinstance(node, ast.ImportFrom) else node.names[0].name).split(".")[0]
        for node in tree.body
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert top <= {"os", "kfp"}


@pytest.mark.parametrize("name", NAMES)
def test_folder_holds_metadata_that_names_it_and_tests(name):
    metadata = yaml.safe_load((HERE / name / "metadata.yaml").read_text(encoding="utf-8"))
    assert metadata["name"] == name
    assert {"stability", "dependencies", "tags", "lastVerified"} <= metadata.keys()
    assert list((HERE / name / "tests").glob("test_*.py"))
