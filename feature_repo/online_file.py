"""The file of the online store, and whether a connection's file is still the one that stands there."""

from pathlib import Path

from feature_repo.wholeness import online_file


class OnlineFile:
    """The file that a connection is opened on; an engine has none, and nothing to notice.

    SQLite goes on reading and writing a file that was removed or replaced, and where there is none it makes an
    empty one: so this is made before a connection, and asked before the connection is.

    Args:
        folder: a scenario's feature folder.

    Raises:
        OSError: the file is not there.
    """

    def __init__(self, folder: Path) -> None:
        self._path = online_file(folder)
        self._held = self._identity()

    def is_there(self) -> bool:
        """Whether the very same file stands there.

        Raises:
            OSError: no file does.
        """
        return self._identity() == self._held

    def _identity(self) -> tuple[int, int] | None:
        if self._path is None:
            return None
        found = self._path.stat()
        return found.st_dev, found.st_ino
