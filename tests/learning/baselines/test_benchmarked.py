import json

import numpy as np
import pytest

from swayrec.learning import extra
from swayrec.learning.baselines import BASELINES, BENCHMARKED, named, sasrec
from swayrec.learning.catalogue import Catalogue
from tests.small_world import at, generated, log, scenario

ALL = slice(None)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(sasrec, "EPOCHS", 1)


def items(size=40):
    vectors = np.random.default_rng(0).normal(size=(size, 8)).astype(np.float32)
    return Catalogue([None] * size, vectors)


@pytest.mark.parametrize("name", BENCHMARKED)
def test_excluded_items_stay_out_and_every_moment_gets_a_full_list(name):
    known, moments = generated(3), at(range(60), 200)
    model = BENCHMARKED[name].grid(known, scenario())[0].fit(known, scenario(), items())
    assert model.catalogue == 40
    exclude = [np.array([user % 40], np.int32) for user in range(60)]
    ranked = model.rank(moments, 10, exclude)
    assert ranked.shape == (60, 10) and (ranked >= 0).all()
    assert not (ranked == np.arange(60)[:, None] % 40).any()
    assert model.scores(moments, ALL).dtype == np.float32


@pytest.mark.parametrize("name", BENCHMARKED)
def test_a_setting_that_json_kept_makes_the_same_model(name):
    known, moments = generated(4), at(range(60), 200)
    for setting in (
        BENCHMARKED[name].grid(known, scenario())[0],
        BENCHMARKED[name].grid(known, scenario())[-1],
    ):
        again = named(name)(**json.loads(json.dumps(setting.settings)))
        assert again == setting and again.fits_like(setting)
    first, second = (each.fit(known, scenario(), items()).scores(moments, ALL) for each in (setting, again))
    assert first == pytest.approx(second, abs=1e-4)


@pytest.mark.parametrize("name", BENCHMARKED)
def test_no_grid_fades_what_the_log_cannot_date(name):
    known = log([(0, 0, "view", None, 0), (0, 1, "purchase", None, 0)])
    for model in BENCHMARKED[name].grid(known, scenario()):
        assert not model.settings.get("decay", {"half_life": 0})["half_life"]


@pytest.mark.parametrize("name", BASELINES)
def test_light_settings_are_kept_by_json_as_well(name):
    for setting in BASELINES[name].grid(generated(), scenario()):
        assert named(name)(**json.loads(json.dumps(setting.settings))) == setting


def test_a_name_that_nothing_has_is_refused():
    with pytest.raises(ValueError, match=r"no baseline als2; there are popular, .*sasrec"):
        named("als2")


def test_a_library_that_is_missing_is_named(monkeypatch):
    monkeypatch.setattr(extra.importlib.util, "find_spec", lambda name: None)
    for name, library in (("als", "implicit"), ("bpr", "implicit"), ("lambdarank", "lightgbm")):
        reason = BENCHMARKED[name].unfit_because(generated(), scenario())
        assert f"the library {library} is not installed; install swayrec with its extra bench" == reason
