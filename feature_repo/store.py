"""A scenario's feature store: its folder, its configuration, its definitions applied."""

import sqlite3
from pathlib import Path

import yaml
from feast import FeatureStore

from feature_repo.entities import ITEM, USER
from feature_repo.services import recommendation
from feature_repo.views import views
from feature_repo.wholeness import CONFIGURATION, OFFLINE, remove_damaged
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
    remove_damaged(folder, scenario)
    store = FeatureStore(repo_path=str(folder))
    online = store.config.online_store
    if online.type == "sqlite":
        # Readers go on while a publication is written; the mode stays with the file.
        with sqlite3.connect(folder / online.path) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
        connection.close()
    made = views(folder / OFFLINE, names)
    store.apply([USER, ITEM, *made, recommendation(made)])
    return store
