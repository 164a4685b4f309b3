import numpy as np
import pytest

from swayrec.learning.baselines import SASRec, sasrec
from swayrec.learning.baselines.sequence_windows import SequenceWindows
from swayrec.learning.baselines.sequences import Sequences
from tests.small_world import at, generated, log, scenario

ALL = slice(None)


def chains(users=80, items=12, steps=9):
    """A log in which item n is followed by n + 1, and n was bought where the user's number is even."""
    rows = [
        (user, (user + step) % items, "purchase", step, step)
        for user in range(users)
        for step in range(1, steps)
    ]
    return log(rows, users, items)


@pytest.fixture(scope="module")
def model():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sasrec, "EPOCHS", 20)
        patch.setattr(sasrec, "RATE", 1e-2)
        return SASRec(8, 0.2).fit(chains(), scenario())


def test_it_learns_what_follows_what(model):
    # Of 8 events of a user, 3 are known at the moment: the next is (user + 4) % 12.
    scores = model.scores(at(range(80), 9, before=4), ALL)
    assert np.mean(scores.argmax(1) == (np.arange(80) + 4) % 12) > 0.95


def test_a_place_reads_nothing_that_comes_after_it_and_no_padding(model):
    sequences = np.array([[1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 3, 4, 9, 9, 9, 9]], np.int32)
    states = model._network(sequences).numpy()
    assert states[0, :4] == pytest.approx(states[1, :4], abs=1e-5)
    assert np.abs(states[0, 4] - states[1, 4]).max() > 1e-3
    short = np.array([[0, 0, 0, 0, 0, 0, 3, 4]], np.int32)
    weights = model._network.item.embeddings.numpy()
    changed = weights.copy()
    changed[0] += 100
    before = model._network(short).numpy()[:, -1]
    model._network.item.embeddings.assign(changed)
    after = model._network(short).numpy()[:, -1]
    model._network.item.embeddings.assign(weights)
    assert after == pytest.approx(before, abs=1e-5)


def test_someone_without_a_past_gets_finite_scores(model):
    assert np.isfinite(model.scores(at([0], 9, before=0), ALL)).all()


def test_the_same_seed_learns_the_same(monkeypatch):
    monkeypatch.setattr(sasrec, "EPOCHS", 2)
    first, second = (SASRec(8, 0.2).fit(chains(), scenario()).scores(at(range(80), 9), ALL) for _ in range(2))
    assert first == pytest.approx(second, abs=1e-4)


def test_it_says_why_it_has_nothing_to_say(monkeypatch):
    known = log([(0, 0, "view", None, 0), (0, 1, "view", None, 0)])
    assert "no order" in SASRec.unfit_because(known, scenario())
    monkeypatch.setattr(sasrec, "LARGEST", 10)
    assert "over 40 items, more than 10" in SASRec.unfit_because(generated(), scenario())


def test_what_is_held_out_is_the_newest_target_and_is_not_taught():
    known = generated(1)
    sequences = Sequences(known, known.is_behavior(("purchase",)), 0)
    start, stop, held = sequences.split(0)
    assert len(held) == 12  # a fifth of 60
    for event in held:
        user = known.user[event]
        own = np.flatnonzero((known.user == user) & known.is_behavior(("purchase",)))
        assert event == own[-1] and stop[user] == event
    others = np.setdiff1d(np.arange(60), known.user[held])
    assert (stop[others] - start[others] == 25).all()
    read, items, weights = sequences.asked(held, 8)
    assert (items[:, -1] == known.item[held]).all() and weights.sum() == 12
    assert (read[:, -1] == known.item[held - 1] + 1).all()


def test_an_epoch_foretells_every_event_but_the_first_once_by_what_came_before():
    known = generated(2, users=20, steps=30)
    targets = known.is_behavior(("purchase",))
    sequences = Sequences(known, targets, 0)
    offsets = known.offsets()
    windows = SequenceWindows(sequences, offsets[:-1], offsets[1:], 7, 0)
    cuts, batches = [], len(windows)
    for _ in range(3):
        pairs, marked = [], 0
        for place in range(len(windows)):
            read, items, weights = windows[place]
            row, column = np.nonzero(read)
            pairs += list(zip(read[row, column] - 1, items[row, column], strict=True))
            marked += weights.sum()
        follows = [
            (known.item[event], known.item[event + 1])
            for event in range(len(known) - 1)
            if known.user[event] == known.user[event + 1]
        ]
        assert sorted(pairs) == sorted(follows)
        firsts = np.isin(np.arange(len(known)), offsets[:-1])
        assert marked == (targets & ~firsts).sum()
        cuts.append(tuple(windows.first))
        windows.on_epoch_end()
    assert len(set(cuts)) == 3 and len(windows) == batches


def test_events_of_one_instant_stand_in_no_order_of_their_own():
    rows = [(user, item, "purchase", 1, 1) for user in range(200) for item in range(2)]
    known = log(rows, 200, 2)
    last = Sequences(known, np.ones(len(known), bool), 0).before(np.arange(200), np.full(200, 2), 2)
    assert 60 < (last[:, -1] == 2).sum() < 140
    assert (np.sort(last, 1) == [1, 2]).all()
