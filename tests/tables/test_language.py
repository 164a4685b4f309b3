import pytest

from swayrec.tables.language import language


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Buy one, get one free", "en"),
        ("买一送一", "zh"),
        ("這則謠言其實已流傳一段時間", "zh"),
        ("iPhone 15 手机壳", "zh"),
        ("The Chinese word 家 means home and family", "en"),
        ("iPhone 15 Pro Max case", "en"),
        ("送料無料です", "other"),
        ("カメラ", "other"),
        ("猫の絵本を読みました", "other"),
        ("鲜の味 日式酱油 家庭装大瓶", "zh"),
        ("무료 배송", "other"),
        ("韓國 여행 가이드", "other"),
        ("Бесплатная доставка", "other"),
        ("Ελληνικά", "other"),
        ("café crème", "en"),
        ("12 × 34", "other"),
        ("", "other"),
    ],
)
def test_language_is_told_by_script(text, told):
    assert language(text) == told
