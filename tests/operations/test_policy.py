from swayrec.operations import policy


def test_seen_items_stand_newest_first_and_once():
    history = {"item": ["c", "a", "b", "a"], "behavior": ["view", "buy", "rate", "rate"]}
    assert policy.seen(history, ("buy", "rate")) == ["a", "b"]
    assert policy.seen(history, ()) == []
    assert policy.seen({}, ("buy",)) == []


def test_what_the_model_had_no_room_to_exclude_is_dropped_after_it():
    assert policy.kept(["a", "b", "c", "d"], ["b", "d"], k=10) == [0, 2]


def test_no_padding_no_item_twice_and_no_more_than_k():
    assert policy.kept(["a", "", "a", "b", "c"], (), k=2) == [0, 3]
