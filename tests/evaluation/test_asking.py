import numpy as np
import pytest

from swayrec.evaluation import splits
from swayrec.evaluation.asking import ask, case_queries
from swayrec.evaluation.exclusion import unwanted
from swayrec.evaluation.parts import Cases, Part
from swayrec.learning.signature import Metadata, pad
from swayrec.tables.errors import InputError
from tests.small_world import generated, log, scenario


def shape(history=30, exclude=4, results=6):
    return Metadata(
        "small", 1, ("view", "purchase"), ("purchase",), (), (), history, exclude, 1, 1, 5, results
    )


class NewestFirst:
    """A model that lists what the user's history holds, newest first; it reads the padded signature."""

    def __init__(self, metadata, more=()):
        self.metadata, self.more, self.batches = metadata, more, []

    def recommend(self, asked):
        batch = pad(asked, self.metadata)
        self.batches.append(len(asked))
        rows = np.full((len(asked), self.metadata.results), "", object)
        for row, (items, exclude) in enumerate(zip(batch["item"], batch["exclude"], strict=True)):
            listed = [
                item for item in dict.fromkeys([*self.more, *items]) if item and item not in set(exclude)
            ]
            rows[row, : len(listed[: self.metadata.results])] = listed[: self.metadata.results]
        return {"item": rows}


def test_each_case_is_asked_with_its_past_strictly_before_its_instant():
    known = log(
        [
            (0, 0, "view", 1, 1),
            (0, 1, "purchase", 2, 2),
            (0, 1, "purchase", 3, 3),
            (0, 2, "view", 4, 4),
            (1, 3, "view", 1, 1),
        ]
    )
    cases = Cases(
        np.array([0, 1]),
        np.array([4, 2]),
        np.array([9.0, 8.0]),
        np.array([0, 1, 2]),
        np.array([2, 2], np.int32),
    )
    first, second = case_queries(Part("test", known, cases, 9.0), shape(), ())
    assert list(first.history["item"]) == ["i1", "i0"] and list(first.history["behavior"]) == [
        "purchase",
        "view",
    ]
    assert first.history["count"].tolist() == [2, 1] and first.history["order"].tolist() == [3, 1]
    assert (first.now, first.now_order, list(first.exclude)) == (9.0, 4, [])
    assert list(second.history["item"]) == ["i3"]


def test_a_log_without_order_is_asked_as_serving_asks():
    known = log([(0, 0, "view", None, 0)])
    cases = Cases(np.array([0]), np.array([1]), np.array([np.nan]), np.array([0, 1]), np.array([0], np.int32))
    (query,) = case_queries(Part("test", known, cases, float("nan")), shape(), ())
    assert query.now_order == 0 and np.isnan(query.now) and list(query.history["item"]) == ["i0"]


def test_the_answers_come_back_as_indices_in_batches_of_64():
    part = splits.split(generated(3, users=150), scenario()).test
    model, done = NewestFirst(shape()), []
    answers = ask(model, part, k=3, progress=done.append)
    assert max(model.batches) == 64 and sum(model.batches) == len(part.cases) == done[-1]
    assert len(answers.seconds) == len(model.batches) and answers.milliseconds > 0
    offsets = part.known.offsets()
    for user, ranked in zip(part.cases.users, answers.ranked, strict=True):
        own = part.known.item[offsets[user] : offsets[user + 1]]
        assert ranked[0] == own[-1] and set(ranked[ranked >= 0]) <= set(own)


def test_seen_items_stay_out_even_beyond_the_room_of_the_signature():
    rows = [(0, item, "purchase", item, item + 1) for item in range(8)] + [
        (0, 8, "view", 9, 9),
        (0, 9, "purchase", 10, 10),
    ]
    known = log(rows)
    cases = Cases(np.array([0]), np.array([10]), np.array([1e9]), np.array([0, 1]), np.array([9], np.int32))
    part = Part("test", known, cases, 1e9)
    assert unwanted(part, ("purchase",))[0].tolist() == [7, 6, 5, 4, 3, 2, 1, 0]
    assert unwanted(part, ()) is None
    answers = ask(NewestFirst(shape(exclude=4)), part, ("purchase",), k=5)
    assert answers.ranked.tolist() == [[8, -1, -1, -1, -1]]


def test_a_model_of_other_data_is_named_in_a_sentence():
    part = splits.split(generated(3), scenario()).test
    with pytest.raises(InputError, match="recommends item elsewhere"):
        ask(NewestFirst(shape(), more=("elsewhere",)), part, k=2)
