import pyarrow as pa
import pytest

from swayrec.tables.text import each_distinct, normalize


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("Ｆｕｌｌ　ｗｉｄｔｈ １２", "Full width 12"),
        ("ﬁne café", "fine café"),
        ("<p class='a'>Hello<br/>world</p>", "Hello world"),
        ("a<script>var x = '<b>';</script>b", "a b"),
        ("Fish &amp; chips &lt;3", "Fish & chips <3"),
        ("1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("see https://example.org/a?b=c&d=1, or www.example.com.", "see or"),
        ("见https://t.example/a_b，很好", "见 ,很好"),
        ("看http://t.example/x你好", "看 你好"),
        ("&lt;b&gt;bold&lt;/b&gt; &amp;amp; ＜i＞x", "bold & x"),
        ("zero\u200bwidth\ufeff\x00", "zerowidth"),
        ("  many \n\t spaces ", "many spaces"),
        ("", ""),
    ],
)
def test_normalize(raw, clean):
    assert normalize(raw) == clean


def test_normalizing_again_changes_nothing():
    for text in ("<b>Ａ</b> &amp;amp; x", "ﬀ https://a.example", "&lt;b&gt;bold&lt;/b&gt;"):
        once = normalize(text)
        assert normalize(once) == once


def test_each_distinct_text_is_worked_on_once():
    seen = []

    def change(text):
        seen.append(text)
        return text.strip()

    found = each_distinct(pa.chunked_array([["a ", None], ["a ", "  "]]), change, pa.string())
    assert found.to_pylist() == ["a", None, "a", None]
    assert sorted(seen) == ["  ", "a "]
