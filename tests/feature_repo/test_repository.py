import os
import shutil
import subprocess
import sys
from pathlib import Path

from feast import FeatureStore

CODE = Path(__file__).parents[2]


def test_feast_apply_takes_the_folder_as_it_is_and_imports_nothing_but_its_definitions(tmp_path):
    folder = tmp_path / "feature_repo_copy"
    shutil.copytree(CODE / "feature_repo", folder, ignore=shutil.ignore_patterns("__pycache__", "*.db"))
    (folder / "spy.py").write_text("from pathlib import Path\nPath('imported').touch()\n")
    done = subprocess.run(
        [Path(sys.executable).with_name("feast"), "apply", "--skip-source-validation"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(CODE)},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    store = FeatureStore(repo_path=str(folder))
    views = {view.name for view in store.list_feature_views()}
    assert views == {"user_history", "user_features", "item_features", "item_metadata", "item_vectors"}
    assert {entity.name for entity in store.list_entities()} >= {"user", "item"}
    assert [service.name for service in store.list_feature_services()] == ["recommendation"]
    assert (folder / "imported").exists()  # what is not in .feastignore is run


def test_every_other_module_is_named_in_feastignore():
    ignored = (CODE / "feature_repo" / ".feastignore").read_text().split("\n")
    modules = {path.name for path in (CODE / "feature_repo").glob("*.py")}
    assert modules - set(ignored) == {"repository.py"}
    assert {line for line in ignored if line.endswith(".py")} <= modules
