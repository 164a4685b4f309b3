from swayrec.operations.seen import seen


def test_seen_items_stand_newest_first_and_once():
    history = {"item": ["c", "a", "b", "a"], "behavior": ["view", "buy", "rate", "rate"]}
    assert seen(history, ("buy", "rate")) == ["a", "b"]
    assert seen(history, ()) == []
    assert seen({}, ("buy",)) == []
