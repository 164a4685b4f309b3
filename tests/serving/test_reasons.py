import math

import pytest

from serving.reasons import DAY, because

WORDS = {"full_price_purchase": {"en": "bought at full price", "zh": "全价购买过"}}


@pytest.mark.parametrize(
    ("count", "age", "archived", "english", "chinese"),
    [
        (
            6,
            3 * DAY + 5,
            True,
            "because you bought at full price 'YOGURT' 6 times, last 3 days before",
            "因为您全价购买过“YOGURT”6 次，最近一次在此前 3 天",
        ),
        (
            1,
            DAY,
            False,
            "because you bought at full price 'YOGURT' 1 day ago",
            "因为您全价购买过“YOGURT”，在 1 天前",
        ),
        (
            2,
            7300.0,
            False,
            "because you bought at full price 'YOGURT' 2 times, last 2 hours ago",
            "因为您全价购买过“YOGURT”2 次，最近一次在 2 小时前",
        ),
        (
            1,
            5.0,
            False,
            "because you bought at full price 'YOGURT' just now",
            "因为您全价购买过“YOGURT”，就在刚才",
        ),
        (
            3,
            math.nan,
            False,
            "because you bought at full price 'YOGURT' 3 times",
            "因为您全价购买过“YOGURT”3 次",
        ),
        (1, math.nan, True, "because you bought at full price 'YOGURT'", "因为您全价购买过“YOGURT”"),
    ],
)
def test_a_reason_says_what_how_often_and_when(count, age, archived, english, chinese):
    given = (WORDS, "full_price_purchase", "YOGURT", count, age)
    assert because(*given, language="en", archived=archived) == english
    assert because(*given, language="zh", archived=archived) == chinese


def test_a_behavior_without_words_is_called_by_its_name():
    assert because({}, "add_to_cart", "hat", 1, math.nan) == "because of your add to cart of 'hat'"
    assert because({}, "add_to_cart", "帽子", 1, math.nan, "zh") == "因为您有过“add to cart”：“帽子”"
