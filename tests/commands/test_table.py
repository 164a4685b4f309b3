import json

from swayrec.commands.table import show, text_table


def test_numbers_stand_to_the_right_and_nothing_trails():
    table = text_table(["user", "events"], [["a", 12], ["long name", 1234567]])
    assert table.splitlines() == [
        "user          events",
        "---------  ---------",
        "a                 12",
        "long name  1,234,567",
    ]


def test_table_without_rows_still_names_its_columns():
    assert text_table(["item", "score"], []).splitlines() == ["item  score", "----  -----"]


def test_json_keeps_every_letter(capsys):
    show(["item"], [["帽子"]], as_json=True)
    out = capsys.readouterr().out
    assert json.loads(out) == [{"item": "帽子"}]
    assert "帽子" in out
