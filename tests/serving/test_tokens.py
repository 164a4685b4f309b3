"""The file of tokens: its form, what is wrong with it, and another one in its place."""

import hashlib
import logging

import pytest

from serving.admission import Admission, Asker
from serving.protection import Protection
from serving.tokens import Bearer, Tokens
from swayrec.tables.errors import InputError


def line(name, token, scopes):
    return f"{name} {hashlib.sha256(token.encode()).hexdigest()} {scopes}\n"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "tokens"
    path.write_text(
        f"# who may do what\n\n{line('shop', 'secret-1', 'read,write')}{line('me', 's2', 'admin')}"
    )
    return path


def test_a_token_is_found_with_its_name_and_scopes_and_no_other_is(file):
    tokens = Tokens(file)
    assert tokens.find("secret-1") == Bearer("shop", frozenset({"read", "write"}))
    assert tokens.find("s2") == Bearer("me", frozenset({"admin"}))
    for other in ("", "secret-2", "secret-1 ", "shop", "ü", hashlib.sha256(b"secret-1").hexdigest()):
        assert tokens.find(other) is None


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("shop secret-1 read\n", "line 1 has another form; a line is NAME SHA256 SCOPE,SCOPE"),
        (line("shop", "x", "read").upper(), "line 1 has another form"),
        (line("shop", "x", ""), "line 1 has another form"),
        (line("a/b", "x", "read"), "line 1 has another form"),
        ("\n" + line("shop", "x", "reads"), "line 2 names a scope that there is not"),
        (line("shop", "x", "read,read"), "names a scope that there is not, or one twice"),
        (
            line("a", "x", "read") + line("a", "y", "read"),
            "line 2 has the name or the token of an earlier line",
        ),
        (
            line("a", "x", "read") + line("b", "x", "read"),
            "line 2 has the name or the token of an earlier line",
        ),
        ("# nobody\n", "no token stands there"),
    ],
)
def test_a_file_of_another_form_is_one_sentence_that_repeats_nothing(tmp_path, text, sentence):
    (tmp_path / "tokens").write_text(text)
    with pytest.raises(InputError) as error:
        Tokens(tmp_path / "tokens")
    assert sentence in str(error.value)
    assert "secret" not in str(error.value)
    assert hashlib.sha256(b"x").hexdigest() not in str(error.value)


def test_a_file_that_is_not_there_or_no_text_is_one_sentence(tmp_path):
    with pytest.raises(InputError, match="cannot be read: No such file"):
        Protection(tmp_path / "none").admission()
    (tmp_path / "tokens").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="it is no UTF-8"):
        Tokens(tmp_path / "tokens")


def test_another_file_in_its_place_holds_soon_and_a_wrong_one_never(file, caplog):
    now = [0.0]
    tokens = Tokens(file, clock=lambda: now[0])
    file.write_text(line("new", "other", "read"))
    assert tokens.find("secret-1")
    now[0] = 1.0
    assert tokens.find("secret-1") is None
    assert tokens.find("other")
    for broken in ("nonsense", None):
        file.write_text(broken) if broken else file.unlink()
        with caplog.at_level(logging.ERROR):
            for _ in range(3):
                now[0] += 1
                assert tokens.find("other")
    assert [record.levelname for record in caplog.records] == ["ERROR"] * 2


def test_what_needs_no_token_is_said_in_one_place(file):
    assert Admission().refusal("write", Asker()) is None
    shut, open_ = Protection(file).admission(), Protection(file, open_reading=True).admission()
    assert shut.refusal("read", Asker()).status == 401
    assert open_.refusal("read", Asker()) is None
    assert open_.refusal("write", Asker()).status == 401


def test_settings_travel_in_the_environment(file):
    limited = Protection(None, False, 2.5, 7, ("10.0.0.0/8", "::1"))
    for protection in (Protection(), Protection(file), Protection(file, open_reading=True), limited):
        assert Protection.of(protection.environment()) == protection
    assert set(Protection().environment().values()) == {""}
