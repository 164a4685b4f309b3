import logging

import numpy as np
import pytest
import tensorflow as tf

from swayrec.evaluation.asking import case_queries
from swayrec.evaluation.parts import Cases, Part
from swayrec.learning.export import ExportedModel, export
from swayrec.learning.exports import newest
from swayrec.learning.rows import batches
from swayrec.learning.signature import Query
from swayrec.tables.errors import InputError
from tests.learning.planted import NOW, a_level, made
from tests.small_world import DAY, scenario


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    log, _, _, scoring, served = made()
    folder = tmp_path_factory.mktemp("model")
    export(served, folder)
    level = a_level(log)
    cases = Cases(level.users, level.before, level.times, level.ends, level.chosen)
    asked = list(case_queries(Part("test", level.known, cases, NOW), served.metadata, ()))
    return ExportedModel.load(folder), scoring, level, asked


def changed(query, **parts):
    return Query(**{**query.__dict__, **parts})


def test_loaded_model_scores_choices_as_the_rows_of_training_do(world):
    model, scoring, level, asked = world
    number = {item: place for place, item in enumerate(level.known.items)}
    compared = 0
    place_of = {int(user): place for place, user in enumerate(level.users)}
    for batch in batches(level, scoring, scenario()):
        rows = batch.features.numpy() @ scoring.weights.numpy()
        for user, candidates, expected in zip(batch.user, batch.candidates, rows, strict=True):
            real = candidates >= 0
            names = level.known.items[candidates[real]][:20]
            found = model.rank([changed(asked[place_of[int(user)]], candidate=list(names))])
            score = {
                number[item]: s for item, s in zip(found["item"][0], found["score"][0], strict=True) if item
            }
            wanted = dict(zip(candidates[real].tolist(), expected[real], strict=True))
            for item, value in score.items():
                assert value == pytest.approx(wanted[item], abs=1e-5)
                compared += 1
    assert compared >= 1000


def test_recommend_gives_the_best_of_the_catalogue_in_order(world):
    model, _, _, asked = world
    answer = model.recommend(asked[:5])
    assert answer["item"].shape == (5, 30)
    assert (np.diff(answer["score"], axis=1) <= 1e-6).all()
    assert len(set(answer["item"][0])) == 30


def test_excluded_items_are_gone_and_a_category_is_kept_to(world):
    model, _, _, asked = world
    first = model.recommend(asked[:1])["item"][0]
    without = model.recommend([changed(asked[0], exclude=[first[0], first[2]])])["item"][0]
    assert not {first[0], first[2]} & set(without)
    within = model.recommend([changed(asked[0], category=["milk", "fruit"])])
    assert set(within["category"][0]) - {""} == {"milk", "fruit"}
    assert (within["item"][0] != "").sum() == 20


def test_an_unknown_category_leaves_nothing_rather_than_everything(world):
    model, _, _, asked = world
    assert set(model.recommend([changed(asked[0], category=["nope"])])["item"][0]) == {""}


def test_questions_with_and_without_a_category_are_answered_together_as_each_alone(world):
    model, _, _, asked = world
    some = [asked[0], changed(asked[1], category=["milk"]), changed(asked[2], category=["nope", "fruit"])]
    together = model.recommend(some)
    for row, one in enumerate(some):
        alone = model.recommend([one])
        assert alone["item"][0].tolist() == together["item"][row].tolist()
    assert len(set(together["category"][0])) > 1
    assert set(together["category"][1]) - {""} == {"milk"}


def test_similar_items_are_those_of_the_text_without_itself_and_what_was_excluded(world):
    model, _, _, _ = world
    assert model.metadata.similar == "text"
    found = model.similar(["i3", "nope"], [[], []], [[], []])
    near = [item for item in found["item"][0] if item]
    assert found["known"].tolist() == [1, 0]
    assert "i3" not in near
    assert (np.diff(found["score"][0][: len(near)]) <= 0).all()
    assert set(found["item"][1]) == {""}
    again = model.similar(["i3"], [near[:2]], [["milk"]])
    kept = [item for item in again["item"][0] if item]
    assert not set(near[:2]) & set(kept)
    assert set(again["category"][0]) == {"milk", ""}


def test_several_categories_are_alternatives_and_a_joined_one_wants_all_its_parts():
    from swayrec.learning.served import Served
    from swayrec.learning.signature import pad
    from swayrec.learning.tables import ItemTables

    log, _, tables, scoring, served = made()
    names = ("Action", "Action | Comedy", "Comedy|Drama")
    several = ItemTables(
        **{**tables.__dict__, "categories": names, "category": np.arange(40, dtype=np.int32) % 4 - 1}
    )
    graph = Served(several, scoring, served.metadata, served.intent)

    def kept(*wanted):
        query = pad([Query(category=list(wanted))], served.metadata)
        allowed = graph.vocabulary.allowed(tf.constant(query["exclude"]), tf.constant(query["category"]))
        return {(["", *names])[place % 4] for place in np.flatnonzero(allowed[0])}

    assert len(log.items) == 40
    assert kept("Action") == {"Action", "Action | Comedy"}
    assert kept("Comedy|Action") == {"Action | Comedy"}
    assert kept("Drama", "Action|Comedy") == {"Action | Comedy", "Comedy|Drama"}
    assert kept("Action|Horror") == kept("Horror") == kept("|") == set()
    assert kept() == {"", *names}


def test_recent_counts_move_an_item(world):
    model, _, _, asked = world
    plain = model.rank([changed(asked[0], candidate=["i3", "i4"])])
    moved = model.rank(
        [changed(asked[0], candidate=["i3", "i4"], recent_item=["i3"], recent_count=[[0, 500]])]
    )
    score = [dict(zip(a["item"][0], a["score"][0], strict=True)) for a in (plain, moved)]
    assert score[0]["i3"] != pytest.approx(score[1]["i3"], abs=1e-4)
    assert score[0]["i4"] == pytest.approx(score[1]["i4"], abs=1e-6)


def test_time_and_order_of_the_question_age_the_past(world):
    model, _, _, asked = world
    plain = model.recommend(asked[:1])["score"]
    assert model.recommend([changed(asked[0], now=asked[0].now + 40 * 86400)])["score"] != pytest.approx(
        plain
    )
    assert model.recommend([changed(asked[0], now_order=asked[0].now_order + 9)])["score"] != pytest.approx(
        plain
    )


def test_diversity_keeps_the_items_and_changes_their_order_only_where_asked(world):
    model, _, _, asked = world
    both = model.recommend([asked[0], changed(asked[0], diversity=0.7)])
    assert set(both["item"][0]) == set(both["item"][1])
    assert both["item"][0, 0] == both["item"][1, 0]
    assert both["item"][0].tolist() != both["item"][1].tolist()


def test_rank_answers_with_nothing_but_the_known_candidates_once_each(world):
    model, _, _, asked = world
    answer = model.rank([changed(asked[0], candidate=["i1", "stranger", "i2", "i1"])])
    assert sorted(item for item in answer["item"][0] if item) == ["i1", "i2"]


def test_explained_shares_and_the_named_rest_sum_to_the_score(world):
    model, _, _, asked = world
    answer = model.recommend(asked[:8])
    told = model.explain(
        [changed(query, target=answer["item"][row, 0]) for row, query in enumerate(asked[:8])]
    )
    assert told["rest"].shape[1] == len(model.metadata.rest)
    total = told["share"].sum(1) + told["rest"].sum(1)
    assert total == pytest.approx(told["score"], abs=1e-5)
    assert told["score"] == pytest.approx(answer["score"][:, 0], abs=1e-5)


def test_reasons_are_the_largest_shares(world):
    model, _, _, asked = world
    answer = model.recommend(asked[:1])
    told = model.explain([changed(asked[0], target=answer["item"][0, 0])])
    largest = np.sort(told["share"][0])[::-1][:3]
    given = answer["reason_share"][0, 0]
    assert given == pytest.approx(np.where(largest > 0, largest, 0), abs=1e-5)
    assert told["share"][0][answer["reason_row"][0, 0][given > 0]] == pytest.approx(
        given[given > 0], abs=1e-5
    )


def test_rows_of_one_item_and_behavior_are_one_reason(world):
    model, _, _, _ = world
    rows = {
        "item": ["i3", "i5", "i3", "i3"],
        "behavior": ["purchase", "view", "view", "purchase"],
        "time": [NOW - DAY, NOW - 2 * DAY, NOW - 3 * DAY, NOW - 40 * DAY],
        "order": [4, 3, 2, 1],
        "count": [1.0, 1.0, 1.0, 4.0],
        "value": [np.nan] * 4,
    }
    query = Query(history=rows, now=NOW, now_order=5)
    answer = model.recommend([query])
    for place, item in enumerate(answer["item"][0]):
        share = model.explain([changed(query, target=item)])["share"][0]
        merged = {0: share[0] + share[3], 1: share[1], 2: share[2]}
        best = sorted((row for row in merged if merged[row] > 0), key=merged.get, reverse=True)
        rows_told = answer["reason_row"][0, place]
        assert rows_told[rows_told >= 0].tolist() == best
        assert answer["reason_share"][0, place][: len(best)] == pytest.approx(
            [merged[row] for row in best], abs=1e-5
        )


def test_a_user_without_a_past_is_answered_by_base(world):
    model, _, _, _ = world
    answer = model.recommend([Query(now=NOW, now_order=1)])
    assert (answer["item"] != "").all()
    assert set(answer["source"][0]) == {"base"}
    assert (answer["reason_row"] == -1).all()


def test_every_user_of_a_batch_is_answered_as_alone(world):
    model, _, _, asked = world
    together = model.recommend(asked[:6])
    for row in range(6):
        alone = model.recommend(asked[row : row + 1])
        assert alone["item"][0].tolist() == together["item"][row].tolist()


def test_version_and_intents_come_with_the_answer(world):
    model, _, _, asked = world
    answer = model.recommend(asked[:4])
    assert answer["model_version"].tolist() == [1_700_000_000] * 4
    assert answer["intent"].shape == (4, 1)
    assert ((answer["intent"] >= 0) & (answer["intent"] <= 1)).all()


def test_signatures_have_the_frozen_inputs_and_outputs(world):
    model = world[0]
    signature = tf.saved_model.load(str(model._folder)).signatures["explain"]
    assert set(signature.structured_input_signature[1]) == {
        "item",
        "behavior",
        "time",
        "order",
        "count",
        "value",
        "now",
        "now_order",
        "exclude",
        "category",
        "recent_item",
        "recent_count",
        "diversity",
        "target",
    }
    assert {"share", "intent", "rest"} <= set(signature.structured_outputs)


def test_the_graph_is_traced_without_a_warning(tmp_path):
    told = []
    ear = logging.Handler()
    ear.emit = told.append
    tf.get_logger().addHandler(ear)
    try:
        export(made()[4], tmp_path)
    finally:
        tf.get_logger().removeHandler(ear)
    assert [record.getMessage() for record in told if record.levelno >= logging.WARNING] == []


def test_a_folder_without_a_model_is_named(tmp_path):
    with pytest.raises(InputError, match="there is no numbered folder"):
        newest(tmp_path)
