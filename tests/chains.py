"""A small shop whose purchases follow each other in chains, and the scenario for it."""

import numpy as np

SCENARIO = """
name = "chains"
title = "Chains"
clock = "log"
[[events]]
name = "log"
path = "{folder}/log.csv"
user = "u"
item = "i"
behavior = "b"
time = "t"
time_unit = "s"
[[behaviors]]
name = "view"
hand = 1
seen = true
[[behaviors]]
name = "buy"
hand = 3
target = true
seen = true
[split]
protocol = "last"
[influence]
ridges = {ridges}
[influence.choices]
kind = "next"
levels = 2
{more}
candidates = 20
[[influence.forms]]
name = "chain"
kernels = [
  {{ similarity = "transition", step_half_lives = [0.5, 4] }},
  {{ similarity = "ease", half_lives = [0] }},
]
"""
NETWORK = """
[network]
intent = "closed"
recommender = "mlp"
epochs = 1
width = 8
"""


def chains(users=120, items=30, seed=0):
    """What is bought is mostly the successor of what was bought last; views are of anything."""
    random = np.random.default_rng(seed)
    rows = ["u,i,b,t"]
    for user in range(users):
        at, item, time = set(), int(random.integers(items)), 1_000_000 + user
        for _ in range(int(random.integers(5, 9))):
            time += 3600
            rows.append(f"u{user},i{random.integers(items)},view,{time}")
            item = (item + 1) % items if random.random() < 0.8 else int(random.integers(items))
            if item not in at:
                at.add(item)
                rows.append(f"u{user},i{item},buy,{time + 60}")
    return "\n".join(rows) + "\n"
