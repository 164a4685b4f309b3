"""kfp.local's cache of finished steps, believed only as far as their outputs lie as the steps left them."""

import json
import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

from swayrec.operations.inventory import inventory, is_unchanged
from swayrec.operations.workspace import Workspace, written_whole
from swayrec.tables import objects
from swayrec.tables.errors import InputError
from swayrec.tables.intact import intact

_log = logging.getLogger(__name__)


class StepCache:
    """The cache of a workspace. kfp.local itself asks only whether an output's folder is there."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def note(self) -> None:
        """Keeps the inventory of the outputs of each step that has none yet."""
        for entry in self._entries():
            kept = self._kept(entry)
            if not kept.exists():
                lists = {str(place): inventory(place) for place in self._outputs(entry)}
                with written_whole(kept) as path:
                    path.write_text(json.dumps(lists), encoding="utf-8")

    def sweep(self) -> None:
        """Forgets steps whose outputs were removed or changed since, and removes what no known step left.

        The latter is what killed runs leave behind.
        """
        for entry in self._entries():
            if not self._lies(entry):
                _log.info("outputs of the step %s are not as it left them: it runs again", entry.stem)
                self._forget(entry)
        used = "".join(entry.read_text(encoding="utf-8") for entry in self._entries())
        for folder in self._workspace.runs.glob("*"):
            if folder.name not in used:
                shutil.rmtree(folder)

    def forget(self, uri: str) -> None:
        """Forgets the steps with an output at this place, so that they run again."""
        for entry in self._entries():
            if uri in self._uris(entry):
                self._forget(entry)

    def _entries(self) -> list[Path]:
        return sorted(self._workspace.step_cache.glob("*.json"))

    def _kept(self, entry: Path) -> Path:
        return self._workspace.step_outputs / entry.name

    def _forget(self, entry: Path) -> None:
        entry.unlink()
        self._kept(entry).unlink(missing_ok=True)

    def _lies(self, entry: Path) -> bool:
        try:
            with intact(entry):
                places = list(self._outputs(entry))
            kept = self._kept(entry)
            if not kept.exists():
                return all(place.exists() for place in places)
            with intact(kept):
                lists = json.loads(kept.read_text(encoding="utf-8"))
                return all(is_unchanged(known, Path(place)) for place, known in lists.items())
        except InputError:
            return False

    def _uris(self, entry: Path) -> Iterator[str]:
        """Where the artifacts of an entry lie: paths, or URIs of object storage."""
        for output in json.loads(entry.read_text(encoding="utf-8")).values():
            if isinstance(output, dict) and output.get("uri"):
                yield output["uri"]

    def _outputs(self, entry: Path) -> Iterator[Path]:
        """The folders that a step filled: a registered model's has its report and reference beside it.

        What lies in object storage is left to whoever fetches it.
        """
        for place in (Path(uri) for uri in self._uris(entry) if not objects.is_remote(uri)):
            registered = self._workspace.registry_artifacts in place.parents
            yield place.parent if registered else place
