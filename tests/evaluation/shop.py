"""A shop whose mailings are sent on purpose to those who buy anyway, and whose effect is known."""

import numpy as np

from swayrec.tables.log import DAY, Log

START = 1_700_000_000.0
USERS, ITEMS, LENGTH, AT, WINDOW = 1000, 30, 130, 100, 14
BEHAVIORS = ("mailed", "buy")


def made(effect, seed=0, hidden=False):
    """A log of one mailing on day ``AT``; mailed or not, everybody also buys as of old.

    Args:
        effect: the share of the mailed whom it makes buy within the window, whether or not they buy anyway.
        hidden: whether the shop knows what people like; else it knows what they bought up to two weeks before.
    """
    random = np.random.default_rng(seed)
    liked = random.random((USERS, ITEMS)) < 0.15
    rate = np.where(liked, random.gamma(2, 0.02, (USERS, ITEMS)), 0.001)
    counts = random.poisson(rate * LENGTH)
    user, item = (np.repeat(place, counts.ravel()) for place in np.divmod(np.arange(USERS * ITEMS), ITEMS))
    day = random.uniform(0, LENGTH, len(user))
    bought = np.zeros((USERS, ITEMS))
    known = day < AT - WINDOW
    np.add.at(bought, (user[known], item[known]), 1)
    chance = 0.05 + 0.6 * (rate > 0.03) if hidden else 0.05 + 0.6 * (bought > 1)
    mailed = np.argwhere(random.random((USERS, ITEMS)) < chance)
    moved = mailed[random.random(len(mailed)) < effect]
    more = AT + random.uniform(0.1, WINDOW - 0.1, len(moved))
    return log(
        np.concatenate([user, mailed[:, 0], moved[:, 0]]),
        np.concatenate([item, mailed[:, 1], moved[:, 1]]),
        np.repeat([1, 0, 1], [len(user), len(mailed), len(moved)]),
        np.concatenate([day, np.full(len(mailed), float(AT)), more]),
    )


def log(user, item, behavior, day):
    """A log of events given as arrays, days counted from ``START``."""
    sort = np.lexsort((day, user))
    user, item, behavior, day = (np.asarray(part)[sort] for part in (user, item, behavior, day))
    return Log(
        users=np.array([f"u{i}" for i in range(max(USERS, user.max() + 1))], object),
        items=np.array([f"p{i}" for i in range(ITEMS)], object),
        behaviors=BEHAVIORS,
        user=user.astype(np.int32),
        item=item.astype(np.int32),
        behavior=behavior.astype(np.int16),
        order=np.arange(1, len(user) + 1),
        time=START + np.asarray(day, float) * DAY,
        value=np.full(len(user), np.nan, np.float32),
    )
