import dataclasses

import numpy as np

from swayrec.tables.log import from_events


def fields(log):
    return {field.name: getattr(log, field.name) for field in dataclasses.fields(log)}


def a_dataset(world):
    random = np.random.default_rng(3)
    rows = "".join(
        f"u{user},p{item},{('view', 'buy')[bought]},2024-0{month}-11\n"
        for user, item, month, bought in random.integers((0, 0, 1, 0), (9, 12, 5, 2), (200, 4))
    )
    described = [{"item": f"p{number}"} for number in range(9)]
    world.scenario["items"] = {"path": str(world.write_lines("items.jsonl", described)), "item": "item"}
    return world.ingest(world.write("a.csv", f"user,item,behavior,time\n{rows}lone,p11,buy,2024-01-01\n"))


def test_the_parts_hold_the_log_with_no_user_in_two(world):
    world.scenario["quality"] = {"most_bad": 0.9}
    dataset = a_dataset(world)
    items = dataset.catalogue()
    expected = fields(from_events(dataset.events(), items, ("view", "buy")))
    for rows in (1, 30, 10_000):
        parts = dataset.parts(items, rows)
        assert len(parts) == {1: 9, 10_000: 1}.get(rows, len(parts))
        logs = [part.log(items, ("view", "buy")) for part in parts]
        assert np.concatenate([log.users for log in logs]).tolist() == expected["users"].tolist()
        for name in ("item", "behavior", "order", "time", "value"):
            np.testing.assert_array_equal(
                np.concatenate([getattr(log, name) for log in logs]), expected[name]
            )
        numbers = [log.user + part.first for log, part in zip(logs, parts, strict=True)]
        np.testing.assert_array_equal(np.concatenate(numbers), expected["user"])


def test_a_dataset_s_log_is_that_of_its_events(world):
    world.scenario["quality"] = {"most_bad": 0.9}
    dataset = a_dataset(world)
    scenario = world.parsed(world.root / "a.csv")
    found, expected = (
        fields(log)
        for log in (
            dataset.log(scenario),
            from_events(
                dataset.events(), dataset.catalogue(), scenario.behavior_names, scenario.model.period
            ),
        )
    )
    for name, value in expected.items():
        np.testing.assert_array_equal(found[name], value)
