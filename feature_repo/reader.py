"""The online store as serving reads it: a user's history, items' titles."""

import threading
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from feature_repo.names import HISTORY, METADATA
from feature_repo.online_file import OnlineFile
from feature_repo.publication import FILE, Publication, newest
from feature_repo.store_down import StoreDown, answered
from swayrec.tables.schema import HISTORY_FIELDS

if TYPE_CHECKING:
    from feature_repo.direct_reads import DirectReads

CARD = ("title", "category", "language", "sensitive", "available_from", "available_until")


class FeatureReader:
    """Reads a scenario's online store; safe to use from several threads at once.

    Feast is imported when a reader is made (some 5 s), not with this module. The next read sees rows that are
    published or pushed later.

    Args:
        features_folder: the workspace's features.
        scenario: whose; None = the one that was published last.

    Raises:
        StoreDown: there is no publication, or it cannot be opened.
    """

    def __init__(self, features_folder: Path, scenario: str | None = None) -> None:
        self.publication = answered(lambda: _publication(features_folder, scenario))
        self._stores = threading.local()
        answered(self._reads)

    def history(self, user_id: str) -> dict[str, list] | None:
        """The compacted history, parallel lists by ``schema.HISTORY_FIELDS``; None = the user is unknown.

        Raises:
            StoreDown: the store does not answer.
        """
        [found] = answered(lambda: self._reads().rows(HISTORY, HISTORY_FIELDS, [user_id]))
        return found if found is not None and found["item"] else None

    def items(self, item_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """What ``CARD`` names of the known ones among ``item_ids``; times in epoch seconds; None = not told.

        Raises:
            StoreDown: the store does not answer.
        """
        asked = list(dict.fromkeys(item_ids))
        if not asked:
            return {}
        cards = answered(lambda: self._reads().rows(METADATA, CARD, asked))
        told = ("title", "category", "language")
        return {
            item: card
            for item, card in zip(asked, cards, strict=True)
            if card is not None and any(card[name] is not None for name in told)
        }

    def _reads(self) -> "DirectReads":
        """Those of this thread.

        Feast's store holds one SQLite connection. Were it shared, reads of several threads would overlap
        without end under load, SQLite's read transaction would never close, and no new publication be seen.
        """
        if not hasattr(self._stores, "held") or not self._stores.file.is_there():
            from feature_repo.direct_reads import DirectReads

            self._stores.file = OnlineFile(Path(self.publication.folder))
            reads = DirectReads(Path(self.publication.folder))
            # A first read: a store that cannot answer is down now, not at the first question.
            reads.rows(HISTORY, HISTORY_FIELDS, [""])
            self._stores.held = reads
        return self._stores.held


def _publication(folder: Path, scenario: str | None) -> Publication:
    if scenario is None:
        return newest(folder)
    if not (folder / scenario / FILE).exists():
        raise StoreDown(f"{folder}: no features of scenario {scenario} were published there yet")
    return Publication.read(folder / scenario)
