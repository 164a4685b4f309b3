"""What answers are made from in a workspace, beside the model: the same for every door that they go out by."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from serving import logs
from serving.answer import Answering
from serving.exposing import Exposing
from serving.online_store import OnlineStore, Reader
from serving.policy_rules import PolicyRules
from serving.popular_lists import PopularLists
from serving.recents import Recents
from serving.sources import Predictor
from swayrec.learning.signature import Metadata
from swayrec.operations.workspace import Workspace


class Supplies:
    """The online store, the popular lists (``lists``), the rules after ranking, what everyone did lately and the
    exposures, opened.

    Args:
        workspace: where they lie.
        shape: the first model's metadata; later ones are of the same scenario.

    Raises:
        InputError: nothing has been trained in the workspace, or its rules cannot be read.
    """

    def __init__(self, workspace: Workspace, shape: Metadata) -> None:
        self._store = OnlineStore(_reader(workspace))
        self._store.open()
        self.lists = PopularLists(workspace, shape.targets)
        if self.lists.held is None:
            self.lists.refresh()
        self._rules = PolicyRules(workspace)
        self._exposing = Exposing(workspace, shape.scenario, lambda: self._rules.retention)
        self._recents = Recents(lambda scenario: logs.reader(workspace, scenario))

    def beside(
        self, shapes: Callable[[], Sequence[Metadata]], recent_every: float = 60.0
    ) -> list[Callable[[], Coroutine[Any, Any, None]]]:
        """The jobs that keep all of them fresh, to be run as long as answers are given.

        Args:
            shapes: the metadata of the models that answer now.
            recent_every: seconds between two counts of what everyone did lately.
        """

        async def count_recents() -> None:
            await self._recents.keep_fresh(shapes, recent_every)

        return [self.lists.keep_fresh, self._rules.keep_fresh, self._exposing.keep_pruned, count_recents]

    def answering(self, shape: Metadata, predictor: Predictor) -> Answering:
        """Answers from them and a model."""
        return Answering(
            shape,
            self._store,
            self._store,
            predictor,
            lambda: self.lists.held,
            lambda: self._rules.held,
            self._exposing.shown,
            recent=self._recents.of,
        )


def _reader(workspace: Workspace) -> Callable[[], Reader]:
    def opened() -> Reader:
        # Feast takes seconds to import.
        from feature_repo.reader import FeatureReader

        return FeatureReader(workspace.features)

    return opened
