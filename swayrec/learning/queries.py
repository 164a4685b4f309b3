"""From histories to the questions that a model is asked: the same for training's judge, batch and monitoring."""

import numpy as np

from swayrec.learning.signature import HISTORY, Query
from swayrec.tables.history import Histories
from swayrec.tables.log import Log


def queries(log: Log, histories: Histories, now: np.ndarray) -> list[Query]:
    """One question a history, with ids and behaviors by name, newest first.

    Args:
        log: whose vocabularies the histories index; without order its questions have ``now_order`` 0.
        histories: U of them.
        now: float64[U], the instants of the questions in epoch seconds (NaN without a clock).
    """
    ordered, behaviors = log.has_order, np.array(log.behaviors, object)
    asked = []
    for row, length in enumerate(histories.lengths):
        lists = {name: getattr(histories, name)[row, :length] for name in HISTORY}
        lists["item"] = log.items[lists["item"]]
        lists["behavior"] = behaviors[lists["behavior"]]
        order = int(histories.now_order[row]) if ordered else 0
        asked.append(Query(history=lists, now=float(now[row]), now_order=order))
    return asked
