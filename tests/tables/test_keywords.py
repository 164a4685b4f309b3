import os
import subprocess
import sys

from swayrec.tables.keywords import keywords


def test_english_keywords_are_without_function_words_numbers_and_markup():
    text = "<b>The</b> best of the children's pizzas, 12 oz — don't miss https://a.example"
    assert keywords(text, "en") == ["best", "children's", "pizzas", "oz", "miss"]


def test_chinese_is_segmented_and_latin_words_are_kept():
    found = keywords("我们的面包和苹果，iPhone手机壳！", "zh")
    assert {"面包", "苹果", "iphone"} <= set(found)
    assert not {"我们", "的", "和"} & set(found)


def test_segmenting_says_nothing_and_writes_only_under_the_temporary_folder(tmp_path):
    code = "from swayrec.tables.keywords import keywords; keywords('新鲜牛奶', 'zh')"
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (run.stdout, run.stderr) == ("", "")
    (folder,) = tmp_path.iterdir()
    assert folder.name.startswith("swayrec-jieba-")
    assert folder.stat().st_mode & 0o077 == 0


def test_english_needs_no_segmenter():
    code = (
        "import sys; from swayrec.tables.keywords import keywords; keywords('a pizza', 'en'); "
        "assert 'jieba' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
