"""A declared space: settings drawn from it, and a scenario with a setting in it."""

import copy
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from swayrec.tables.errors import InputError
from swayrec.tables.scenario import Scenario, parse
from swayrec.tables.scenario_search import Searched

if TYPE_CHECKING:
    from optuna.trial import BaseTrial

Setting = Mapping[str, Any]


def drawn(trial: "BaseTrial", space: tuple[Searched, ...]) -> dict[str, Any]:
    """A setting that the study's sampler suggests; lists and tables are drawn as their JSON."""
    found: dict[str, Any] = {}
    for each in space:
        if each.choices:
            found[each.field] = json.loads(trial.suggest_categorical(each.field, spelled(each)))
        elif each.whole:
            assert each.low is not None and each.high is not None
            found[each.field] = trial.suggest_int(each.field, int(each.low), int(each.high), log=each.log)
        else:
            assert each.low is not None and each.high is not None
            found[each.field] = trial.suggest_float(each.field, each.low, each.high, log=each.log)
    return found


def spelled(searched: Searched) -> list[str]:
    """The choices as JSON: what samplers, databases and command lines can hold."""
    return [json.dumps(value) for value in searched.choices]


def with_setting(scenario: Scenario, name: str, setting: Setting) -> Scenario:
    """The scenario with other values in some fields.

    Args:
        scenario: as its file has it.
        name: the file's name, for errors.
        setting: values by field.

    Raises:
        InputError: there is no such field, or it cannot have the value.
    """
    raw = scenario.model_dump(mode="json", exclude_unset=True)
    for field, value in setting.items():
        *path, last = field.split(".")
        place: Any = raw
        for part in path:
            place = _within(place, part, field, name)
        if isinstance(place, list):
            _within(place, last, field, name)
            place[int(last)] = copy.deepcopy(value)
        elif isinstance(place, dict):
            place[last] = copy.deepcopy(value)
        else:
            raise InputError(f"{name}: there is no field {field} to search; mend its name")
    return parse(raw, name)


def value_of(scenario: Scenario, field: str) -> Any:
    """The value that a scenario has in a field, its default where the file says nothing.

    Raises:
        InputError: there is no such field.
    """
    place: Any = scenario.model_dump(mode="json")
    for part in field.split("."):
        place = _within(place, part, field, f"scenario {scenario.name}")
    return place


def _within(place: Any, part: str, field: str, name: str) -> Any:
    if isinstance(place, list) and part.isdecimal() and int(part) < len(place):
        return place[int(part)]
    if isinstance(place, dict):
        return place.setdefault(part, {}) if not place.get(part) else place[part]
    raise InputError(f"{name}: there is no field {field} to search; mend its name")
