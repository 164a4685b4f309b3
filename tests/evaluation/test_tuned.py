import pytest

from swayrec.evaluation import splits
from swayrec.evaluation.race import Race, tune
from swayrec.evaluation.tuned import Tuned
from swayrec.tables.errors import InputError
from tests.small_world import generated, scenario


@pytest.fixture(scope="module")
def parts():
    return splits.split(generated(3, users=120), scenario())


def test_a_choice_that_was_kept_ranks_like_the_one_that_was_made(parts, tmp_path):
    tuned = tune("personal_frequency", parts.validation, scenario())
    tuned.write(tmp_path / "kept" / "personal_frequency.json")
    again = Tuned.read(tmp_path / "kept" / "personal_frequency.json")
    assert again.model.settings == tuned.model.settings and again.tried == tuned.tried
    assert (again.ndcg == tuned.ndcg).all() and again.describe() == tuned.describe()
    first, second = (Race((each,), {}).ranked(parts.test, scenario()) for each in (tuned, again))
    assert (first["personal_frequency"] == second["personal_frequency"]).all()


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"name": "ease2", "settings": {}}', '{"name": "ease", "settings": {"fade": 1}}']
)
def test_a_file_that_holds_no_choice_is_named(tmp_path, text):
    path = tmp_path / "ease.json"
    path.write_text(text)
    with pytest.raises(InputError, match=r"ease\.json: this is not what tuning a baseline left .* delete"):
        Tuned.read(path)
