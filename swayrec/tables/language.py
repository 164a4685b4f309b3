"""Which language a text is in, told by the scripts of its letters."""

import re

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")
_KANA = re.compile(r"[\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9d]")
_HANGUL = re.compile(r"[\uac00-\ud7af\u1100-\u11ff\u3130-\u318f]")
_LATIN_WORD = re.compile(r"[A-Za-z]+")
_LETTER = re.compile(r"[^\W\d_]")

HAN_SHARE = 0.25
"""A text is Chinese from this share of Han characters among its Han characters and Latin words."""


def language(text: str) -> str:
    """ "zh", "en" or "other".

    A Han character is counted like a Latin word: both are about one notion. A little kana in a long Chinese
    text is a quotation or an ornament (の); where kana are a tenth of the Han characters it is Japanese.
    Text in the Latin script counts as English: other languages of that script are not told apart.

    >>> language("买一送一"), language("Buy one"), language("送料無料です"), language("2019")
    ('zh', 'en', 'other', 'other')
    """
    letters = len(_LETTER.findall(text))
    if not letters:
        return "other"
    han, kana, hangul = (len(script.findall(text)) for script in (_HAN, _KANA, _HANGUL))
    latin_words = _LATIN_WORD.findall(text)
    latin = sum(len(word) for word in latin_words)
    if letters - han - kana - hangul - latin > letters / 2 or hangul > han or kana * 10 > han + latin:
        return "other"
    if han and han >= HAN_SHARE * (han + len(latin_words)):
        return "zh"
    return "en" if latin * 2 > letters - han else "other"
