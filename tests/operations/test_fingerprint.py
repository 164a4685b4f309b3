import os
from pathlib import Path

import pytest

from swayrec.operations import fingerprint
from swayrec.tables import scenario as scenarios
from swayrec.tables.errors import InputError


def raw(path: Path) -> str:
    return fingerprint.raw(scenarios.load(path), path)


def test_raw_hash_changes_with_the_scenario_and_with_a_raw_file_only(shop):
    first = raw(shop)
    assert raw(shop) == first
    clicks = shop.parent / "clicks.csv"
    clicks.write_text("u,i\na,c\n")
    os.utime(clicks, ns=(1, 1))
    second = raw(shop)
    assert second != first
    shop.write_text(shop.read_text() + "# a word\n")
    assert raw(shop) != second


def test_missing_raw_file_is_named(shop):
    (shop.parent / "clicks.csv").unlink()
    with pytest.raises(InputError, match=r"shop\.toml: there is no file .*clicks\.csv"):
        raw(shop)


def test_code_hash_changes_with_a_module_that_trains_but_not_with_the_command_line(tmp_path, monkeypatch):
    for package in ("swayrec/tables", "swayrec/commands"):
        (tmp_path / package).mkdir(parents=True)
    monkeypatch.setattr(fingerprint, "_ROOT", tmp_path)
    first = fingerprint.code()
    (tmp_path / "swayrec/commands/train.py").write_text("1")
    assert fingerprint.code() == first
    (tmp_path / "swayrec/tables/log.py").write_text("1")
    assert fingerprint.code() != first
