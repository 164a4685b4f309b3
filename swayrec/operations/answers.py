"""What a model says to some users: a sample that monitoring will compare with what it says later."""

from pathlib import Path

import numpy as np

from swayrec.operations import batch
from swayrec.operations.reference import Answers
from swayrec.tables.dataset import Dataset
from swayrec.tables.scenario import Scenario

ASKED = 500
"""Users asked, at most."""

FILE = "answers.npz"


def sample(scenario: Scenario, dataset: Dataset, model: Path, folder: Path) -> None:
    """Asks the exported model for some users, drawn with a fixed seed, and keeps scores and intents."""
    from swayrec.learning.export import ExportedModel

    asked, log = ExportedModel.load(model), dataset.log(scenario)
    users = np.random.default_rng(0).choice(log.users, min(ASKED, len(log.users)), replace=False).tolist()
    answers = [
        asked.recommend(batch.user_queries(log, users[start : start + batch.USERS_AT_ONCE], asked.metadata))
        for start in range(0, len(users), batch.USERS_AT_ONCE)
    ]
    item, score, intent = (
        np.concatenate([answer[name] for answer in answers]) for name in ("item", "score", "intent")
    )
    folder.mkdir(parents=True, exist_ok=True)
    # A place without an item has no score.
    score = np.where(item == "", np.nan, score).astype(np.float32)
    np.savez_compressed(folder / FILE, score=score, intent=intent, targets=np.array(asked.metadata.targets))


def read(folder: Path) -> Answers:
    """Reads what :func:`sample` wrote."""
    with np.load(folder / FILE) as stored:
        return Answers(stored["score"], stored["intent"], tuple(map(str, stored["targets"])))
