"""The levels of an answer, with a real predictor process; the store is a dictionary with a switch."""

import asyncio
import signal
from dataclasses import replace

import pytest

from serving.answer import Answering, NothingToShowError
from serving.explanation import explain
from serving.popular import Entry, Popular
from serving.predictor_client import PredictorClient
from serving.question import Question, Why
from serving.sources import Card, PredictorDownError, StoreDownError

DAY = 86400.0
UNTIL = 1_000_000_000.0
ROWS = {
    "item": ["i05", "i07"],
    "behavior": ["buy", "view"],
    "time": [UNTIL - 3 * DAY, UNTIL - 5 * DAY],
    "order": [2, 1],
    "count": [6.0, 1.0],
    "value": [1.0, 1.0],
}
TITLES = {"i05": Card("YOGURT", "drinks"), "i07": Card("RYE", "bakery"), "i00": Card("MILK", "dairy")}
LISTS = Popular(
    source="x",
    made_at=0.0,
    everything=(
        Entry("i20", "SALT", "", 0.5),
        Entry("i05", "YOGURT", "drinks", 0.3),
        Entry("i01", "BUN", "bakery", 0.2),
    ),
    categories={
        "bakery": (Entry("i01", "BUN", "bakery", 0.2),),
        "drinks": (Entry("i05", "YOGURT", "drinks", 0.3),),
    },
)


class Shelf:
    """Histories and titles in memory; ``up`` = False is a store that does not answer."""

    def __init__(self, up: bool = True) -> None:
        self.up = up

    async def ready(self):
        return self.up

    async def history(self, user_id):
        if not self.up:
            raise StoreDownError("switched off")
        return ROWS if user_id == "anna" else None

    async def cards(self, item_ids):
        return {item: TITLES[item] for item in item_ids if item in TITLES} if self.up else {}


@pytest.fixture
def ask(target, shape):
    """Asks one question; keyword arguments are its fields, `_...` change what it is asked of."""

    def asked(_up=True, _target=None, _lists=LISTS, _shape=None, **fields):
        async def answered():
            client = PredictorClient(_target or target, timeout=5)
            shelf = Shelf(_up)
            answering = Answering(_shape or shape, shelf, shelf, client, lambda: _lists)
            try:
                return await answering.answer([Question(user_id=fields.pop("user_id", "anna"), **fields)])
            finally:
                await client.close()

        return asyncio.run(answered())[0]

    return asked


def shown(answer) -> list[str]:
    return [item["item_id"] for item in answer["items"]]


NOBODY = "127.0.0.1:1"
SESSION = [{"item_id": "i09", "behavior": "buy"}]


def test_full_uses_the_history_and_says_why(ask):
    answer = ask(k=2)
    assert answer["level"] == "full"
    assert answer["model_version"] == 1_700_000_000
    assert answer["intent"]["buy"] == pytest.approx(1 / (1 + 2.718281828**-1.9), abs=1e-5)
    assert answer["items"] == [
        {
            "item_id": "i05",
            "title": "YOGURT",
            "score": 18.25,
            "source": "influence",
            "reasons": [
                {
                    "item_id": "i05",
                    "behavior": "buy",
                    "share": 18.0,
                    "text": "because you bought 'YOGURT' 6 times, last on 2001-09-06",
                }
            ],
        },
        {
            "item_id": "i07",
            "title": "RYE",
            "score": 1.23,
            "source": "influence",
            "reasons": [
                {
                    "item_id": "i07",
                    "behavior": "view",
                    "share": 1.0,
                    "text": "because you looked at 'RYE' on 2001-09-04",
                }
            ],
        },
    ]


def test_reasons_are_told_in_chinese_too(ask):
    text = ask(k=1, language="zh")["items"][0]["reasons"][0]["text"]
    assert text == "因为您购买过“YOGURT”6 次，最近一次在 2001-09-06"


def test_the_sessions_events_are_seen_on_top_of_the_history(ask):
    answer = ask(k=3, events=SESSION)
    assert answer["level"] == "full"
    assert shown(answer) == ["i05", "i09", "i07"]


def test_an_unknown_user_is_cold_and_gets_base(ask):
    answer = ask(user_id="nobody", k=2)
    assert answer["level"] == "cold"
    assert shown(answer) == ["i00", "i01"]
    assert answer["items"][0]["title"] == "MILK"
    assert answer["items"][1]["title"] == "BUN"
    assert answer["items"][0]["reasons"] == []


@pytest.mark.parametrize(("user_id", "up"), [("nobody", True), ("anna", False)])
def test_session_answers_from_the_requests_own_events(ask, user_id, up):
    answer = ask(user_id=user_id, _up=up, k=2, events=SESSION)
    assert answer["level"] == "session"
    assert shown(answer) == ["i09", "i00"]


def test_a_store_that_is_down_without_events_falls_to_the_lists(ask):
    answer = ask(_up=False, k=2)
    assert answer["level"] == "popular"
    assert shown(answer) == ["i20", "i05"]
    assert answer["model_version"] is None
    assert answer["items"][0] == {
        "item_id": "i20",
        "title": "SALT",
        "score": 0.5,
        "source": "base",
        "reasons": [],
    }


def test_without_a_predictor_the_users_own_categories_answer_first(ask):
    answer = ask(_target=NOBODY, k=3)
    assert answer["level"] == "category"
    assert shown(answer) == ["i05", "i01", "i20"]


def test_without_a_predictor_an_asked_category_is_kept_to(ask):
    answer = ask(_target=NOBODY, category=["bakery"])
    assert answer["level"] == "category"
    assert shown(answer) == ["i01"]


def test_an_unknown_category_is_never_empty(ask):
    assert ask(category=["toys"])["level"] == "popular"
    assert shown(ask(category=["toys"], k=1)) == ["i20"]


def test_without_predictor_and_store_everything_popular_answers(ask):
    answer = ask(_target=NOBODY, _up=False, exclude=["i20"])
    assert answer["level"] == "popular"
    assert shown(answer) == ["i05", "i01"]


def test_without_predictor_and_lists_it_says_so(ask):
    with pytest.raises(NothingToShowError):
        ask(_target=NOBODY, _lists=None)


def test_candidates_are_ranked_and_nothing_else(ask):
    assert shown(ask(candidates=["i02", "i07", "i05"])) == ["i05", "i07", "i02"]
    listed = ask(candidates=["i07", "i01"], _target=NOBODY)
    assert shown(listed) == ["i01", "i07"]
    assert listed["items"][1]["title"] == "RYE"


@pytest.mark.parametrize("where", [{}, {"_target": "127.0.0.1:1"}], ids=["predictor", "lists"])
def test_a_candidate_that_nothing_is_known_of_is_named_and_not_shown(ask, where):
    answer = ask(candidates=["nosuch", "i07", "i05", "nosuch"], exclude=["i05"], **where)
    assert shown(answer) == ["i07"]
    assert answer["unknown"] == ["nosuch"]


@pytest.mark.parametrize("where", [{}, {"_target": "127.0.0.1:1"}], ids=["predictor", "lists"])
def test_a_candidate_of_another_category_is_left_out_but_not_unknown(ask, where):
    answer = ask(candidates=["nosuch", "i07", "i05"], category=["bakery"], **where)
    assert shown(answer) == ["i07"]
    assert answer["unknown"] == ["nosuch"]


@pytest.mark.parametrize("where", [{}, {"_target": "127.0.0.1:1"}], ids=["predictor", "lists"])
def test_nothing_but_candidates_is_shown_though_none_be_left(ask, where):
    assert shown(ask(candidates=["nosuch"], **where)) == []


def test_categories_filter_before_the_cut(ask, shape):
    answer = ask(category=["bakery"], k=shape.results)
    assert shown(answer)[:2] == ["i07", "i01"]
    assert len(shown(answer)) == 10


def test_excluded_items_stay_off_even_beyond_the_signatures_width(ask, shape):
    many = [f"i{number:02d}" for number in range(shape.exclude + 3)]
    assert shown(ask(user_id="nobody", exclude=many, k=2)) == ["i08", "i09"]


def test_seen_items_stay_off_unless_asked_for(ask, shape):
    strict = replace(shape, seen=("buy",))
    assert shown(ask(_shape=strict, k=2)) == ["i07", "i00"]
    assert shown(ask(_shape=strict, k=2, exclude_seen=False)) == ["i05", "i07"]


def test_when_everything_popular_was_seen_it_is_shown_again_rather_than_nothing(ask, shape):
    strict = replace(shape, seen=("buy", "view"))
    only = Popular("x", 0.0, (Entry("i05", "YOGURT", "", 1.0),))
    assert shown(ask(_shape=strict, _lists=only, _target=NOBODY)) == ["i05"]


def test_all_that_a_user_ever_touched_stays_off_when_asked_for(ask):
    assert shown(ask(exclude_own=True, k=2)) == ["i00", "i01"]


def test_without_a_user_the_sessions_events_alone_speak(ask):
    for up in (True, False):
        answer = ask(user_id=None, events=SESSION, k=2, _up=up)
        assert (answer["level"], answer["user_id"]) == ("session", None)
        assert shown(answer) == ["i09", "i00"]


def test_as_of_an_instant_later_events_are_unknown(ask, shape):
    past = ask(k=2, now=UNTIL - 4 * DAY)
    assert shown(past) == ["i07", "i00"]
    assert past["level"] == "full"
    assert ask(k=2, now=UNTIL - 6 * DAY)["level"] == "cold"
    wall = ask(k=1, now=UNTIL, _shape=replace(shape, clock="wall"))["items"][0]["reasons"][0]["text"]
    assert wall == "because you bought 'YOGURT' 6 times, last 3 days ago"


def test_reasons_are_left_out_when_not_asked_for(ask):
    plain, told = ask(k=2, reasons=False), ask(k=2)
    assert [item["reasons"] for item in plain["items"]] == [[], []]
    assert [item["score"] for item in plain["items"]] == [item["score"] for item in told["items"]]


def test_what_is_similar_to_an_item_is_answered_for_everyone(ask):
    answer = ask(user_id=None, item_id="i05", k=3, exclude=["i02"])
    assert (answer["level"], answer["item_id"], answer["model_version"]) == ("full", "i05", 1_700_000_000)
    assert shown(answer) == ["i08", "i11", "i14"]
    assert answer["items"][0] == {
        "item_id": "i08",
        "title": "i08",
        "score": 0.25,
        "source": "similar",
        "reasons": [],
    }
    assert shown(ask(user_id=None, item_id="i05", category=["dairy"])) != []


def test_without_a_predictor_items_of_the_same_category_stand_for_the_similar(ask):
    answer = ask(user_id=None, item_id="i07", k=3, _target=NOBODY)
    assert answer["level"] == "category"
    assert shown(answer) == ["i01", "i20", "i05"]
    assert answer["unknown"] == []


@pytest.mark.parametrize("where", [{}, {"_target": "127.0.0.1:1"}], ids=["predictor", "lists"])
def test_beside_an_unknown_item_everything_popular_is_shown_and_the_item_named(ask, where):
    answer = ask(user_id=None, item_id="nosuch", k=1, **where)
    assert (answer["level"], shown(answer), answer["unknown"]) == ("popular", ["i20"], ["nosuch"])


def test_several_categories_are_alternatives_or_all_wanted(ask):
    lists = Popular(
        "x",
        0.0,
        (Entry("i20", "SALT", "", 0.5),),
        {
            "a": (Entry("i01", "BUN", "a", 0.1),),
            "a|b": (Entry("i02", "ROLL", "a|b", 0.2),),
            "b": (Entry("i03", "PIE", "b", 0.3),),
        },
    )
    asked = {"category": ["a", "b"], "_lists": lists, "_target": NOBODY}
    assert shown(ask(**asked)) == ["i03", "i02", "i01"]
    assert shown(ask(**asked, category_match="all")) == ["i02"]
    assert shown(ask(category=["bakery", "dairy"], category_match="all", k=1, _lists=lists)) == ["i20"]


def test_ready_means_lists_or_predictor_and_store_together(target, shape):
    async def states():
        up, down = PredictorClient(target, timeout=5), PredictorClient(NOBODY, timeout=5)
        cases = [(down, True, LISTS), (up, True, None), (up, False, None), (down, True, None)]
        try:
            return [
                await Answering(shape, Shelf(store), Shelf(store), client, lambda held=lists: held).ready()
                for client, store, lists in cases
            ]
        finally:
            await up.close()
            await down.close()

    assert asyncio.run(states()) == [True, True, False, False]


def test_request_ids_are_the_callers_or_new(ask):
    assert ask(request_id="r1")["request_id"] == "r1"
    assert ask()["request_id"] != ask()["request_id"]


def test_questions_of_one_request_are_answered_in_their_order(target, shape):
    async def answered():
        client = PredictorClient(target, timeout=5)
        answering = Answering(shape, Shelf(), Shelf(), client, lambda: LISTS)
        questions = [
            Question(user_id="nobody", k=1),
            Question(user_id="anna", k=1),
            Question(user_id="anna", candidates=["i03"]),
        ]
        try:
            return await answering.answer(questions)
        finally:
            await client.close()

    answers = asyncio.run(answered())
    assert [(a["level"], shown(a)[0]) for a in answers] == [("cold", "i00"), ("full", "i05"), ("full", "i03")]


def explained(shape, target, **fields):
    async def done():
        client = PredictorClient(target, timeout=5)
        try:
            return await explain(
                Answering(shape, Shelf(), Shelf(), client, lambda: None), [Why(**fields)], "r"
            )
        finally:
            await client.close()

    return asyncio.run(done())[0]


def test_an_explanation_adds_up(target, shape):
    why = explained(shape, target, user_id="anna", item_id="i07")
    assert why["level"] == "full"
    assert why["score"] == pytest.approx(1.23)
    assert [(share["item_id"], share["share"]) for share in why["shares"]] == [("i07", 1.0), ("i05", 0.0)]
    assert why["rest"] == {"base": 0.23, "recent": 0.0}
    assert sum(s["share"] for s in why["shares"]) + sum(why["rest"].values()) == pytest.approx(why["score"])


def test_no_list_explains_anything(shape):
    with pytest.raises(PredictorDownError):
        explained(shape, NOBODY, user_id="anna", item_id="i07")


def test_a_predictor_that_hangs_is_given_up_soon_and_found_again(serving, target, shape):
    async def through_a_stop():
        client = PredictorClient(target, timeout=0.3)
        answering = Answering(shape, Shelf(), Shelf(), client, lambda: LISTS)
        loop, levels, waits = asyncio.get_running_loop(), [], []
        question = [Question(user_id="anna")]
        levels.append((await answering.answer(question))[0]["level"])
        serving.children["predictor"].process.send_signal(signal.SIGSTOP)
        try:
            for _ in range(5):
                start = loop.time()
                levels.append((await answering.answer(question))[0]["level"])
                waits.append(loop.time() - start)
        finally:
            serving.children["predictor"].process.send_signal(signal.SIGCONT)
        await asyncio.sleep(1.2)
        levels.append((await answering.answer(question))[0]["level"])
        await client.close()
        return levels, waits

    levels, waits = asyncio.run(through_a_stop())
    assert levels == ["full", *["category"] * 5, "full"]
    assert max(waits) < 1.5
    assert waits[-1] < 0.1
