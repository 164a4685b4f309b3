import math

import pytest

from serving.reasons import DAY, because

WORDS = {"full_price_purchase": {"en": "bought at full price", "zh": "全价购买过"}}


NOW = 1_500_000_000.0
"""2017-07-14 02:40:00 UTC."""


@pytest.mark.parametrize(
    ("count", "age", "now", "english", "chinese"),
    [
        (6, 3 * DAY + 5, None, "'YOGURT' 6 times, last on 2017-07-11", "“YOGURT”6 次，最近一次在 2017-07-11"),
        (1, DAY, None, "'YOGURT' on 2017-07-13", "“YOGURT”，在 2017-07-13"),
        (1, DAY, NOW, "'YOGURT' 1 day ago", "“YOGURT”，在 1 天前"),
        (2, 7300.0, NOW, "'YOGURT' 2 times, last 2 hours ago", "“YOGURT”2 次，最近一次在 2 小时前"),
        (1, 5.0, NOW, "'YOGURT' just now", "“YOGURT”，就在刚才"),
        (3, math.nan, NOW, "'YOGURT' 3 times", "“YOGURT”3 次"),
        (1, math.nan, None, "'YOGURT'", "“YOGURT”"),
    ],
)
def test_a_reason_says_what_how_often_and_when(count, age, now, english, chinese):
    given = (WORDS, "full_price_purchase", "YOGURT", count, NOW - age, now)
    assert because(*given, language="en") == "because you bought at full price " + english
    assert because(*given, language="zh") == "因为您全价购买过" + chinese


def test_a_behavior_without_words_is_called_by_its_name():
    assert because({}, "add_to_cart", "hat", 1, math.nan) == "because of your add to cart of 'hat'"
    assert because({}, "add_to_cart", "帽子", 1, math.nan, language="zh") == "因为您有过“add to cart”：“帽子”"
