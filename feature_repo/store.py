"""A scenario's feature store: its folder, its configuration, its definitions applied."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml
from feast import FeatureStore
from feast.repo_config import load_repo_config

from feature_repo.entities import ITEM, USER
from feature_repo.offline_storage import sources
from feature_repo.services import recommendation
from feature_repo.views import views
from feature_repo.wholeness import CONFIGURATION, OFFLINE, REGISTRY, remove_damaged
from swayrec.operations.workspace import written_whole


def applied(folder: Path, scenario: str, names: tuple[str, ...]) -> FeatureStore:
    """The store in ``folder`` with the views of the given names, made or brought up to date.

    A configuration that lies in the folder is kept: it is how a cluster names its own engines.

    Raises:
        InputError: that configuration is damaged.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / CONFIGURATION).exists():
        settings = yaml.safe_load(Path(__file__).with_name(CONFIGURATION).read_text(encoding="utf-8"))
        text = yaml.safe_dump({**settings, "project": scenario}, sort_keys=False)
        with written_whole(folder / CONFIGURATION) as path:
            path.write_text(text, encoding="utf-8")
    remove_damaged(folder)
    configured = load_repo_config(folder, folder / CONFIGURATION)
    online = configured.online_store
    if online.type == "sqlite":
        # Readers go on while a publication is written; the mode stays with the file.
        with sqlite3.connect(folder / online.path) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
        connection.close()
    kind = configured.offline_store.type
    made = views(sources(folder / OFFLINE, scenario, kind), names, kind)
    with _defining(folder) as store:
        defined = [USER, ITEM, *made, recommendation(made)]
        # A view's offline file says which rows are online. Without it they go: some may be nobody's any more.
        known = {view.name for view in store.list_feature_views()}
        listed = {path.stem for path in (folder / OFFLINE).glob("*.parquet")}
        lost = [view for view in made if view.name in known - listed]
        if lost:
            store.apply(defined, objects_to_delete=lost, partial=False)
        store.apply(defined)
    return FeatureStore(repo_path=str(folder))


@contextmanager
def _defining(folder: Path) -> Iterator[FeatureStore]:
    """The store to apply definitions to. Where its registry is our file, it changes when the block ends.

    Feast writes that file in place, and who reads it meanwhile finds no definitions.
    """
    config = load_repo_config(folder, folder / CONFIGURATION)
    if config.registry.path != REGISTRY:
        yield FeatureStore(repo_path=str(folder))
        return
    with written_whole(folder / REGISTRY) as path:
        if (folder / REGISTRY).exists():
            shutil.copyfile(folder / REGISTRY, path)
        config.registry.path = str(path)
        yield FeatureStore(config=config)
