"""What is true of an item alone: repeat rate, usual gap, everyone's counts, age, conversion."""

import numpy as np

from swayrec.tables.log import DAY, Log, distinct

WEEK = 7 * DAY


def counts(log: Log, windows: tuple[float, ...], now: float) -> np.ndarray:
    """float32[N, W, T]: everyone's events on each item in the last ``windows`` days (0 = all), by behavior."""
    types = len(log.behaviors)
    table = np.zeros((len(log.items), len(windows), types), np.float32)
    for place, window in enumerate(windows):
        part = log if window == 0 else log.where(log.time >= now - window * DAY)
        key = part.item.astype(np.int64) * types + part.behavior
        table[:, place] = np.bincount(key, minlength=len(log.items) * types).reshape(-1, types)
    return table


def age(log: Log, now: float) -> np.ndarray:
    """float32[N]: log of 1 + the days since the item's first event; 0 without a clock or events."""
    first = np.full(len(log.items), np.inf)
    np.fmin.at(first, log.item, log.time)
    return log_days(now - first)


def log_days(seconds: np.ndarray) -> np.ndarray:
    """float32, of the same shape: log of 1 + the days that these seconds make; 0 for what is not finite.

    >>> log_days(np.array([0.0, 86400.0, -np.inf])).round(2).tolist()
    [0.0, 0.6899999976158142, 0.0]
    """
    days = np.where(np.isfinite(seconds), np.maximum(seconds, 0) / DAY, 0)
    return np.log1p(days).astype(np.float32)


def repeat_rate(log: Log, categories: np.ndarray, now: float, weeks: int, prior: float = 10.0) -> np.ndarray:
    """float32[N]: the share of those who had an item in ``weeks`` weeks that took it again within one week.

    Counted at the last ``weeks`` week ends before ``now`` that have a past; shrunk to the rate of the item's
    category (int[N], -1 = none), that to the rate of all (METHOD: where people take the same thing again).
    Without a clock: the share of users of an item who have it at several instants.
    """
    if log.has_clock:
        pair, week = _distinct(log.pairs(), ((now - log.time) // WEEK).astype(np.int64), 2 * weeks)
        same = pair[1:] == pair[:-1]
        earlier, later = np.full(len(pair), -1), np.full(len(pair), np.iinfo(np.int64).max)
        earlier[1:][same], later[:-1][same] = week[:-1][same], week[1:][same]
        # Weeks count back from now. Week w is the past of the ends w - weeks to w - 1; a pair's weeks rise, so
        # those below its week before are counted already.
        first = np.maximum(np.maximum(week - weeks, earlier), 0)
        had = np.maximum(np.minimum(week, weeks) - first, 0)
        again = (week < weeks) & (later - week <= weeks)
    else:
        pair, _ = _distinct(log.pairs(), log.order, int(log.order.max(initial=0)) + 1)
        begins = np.flatnonzero(np.append(True, pair[1:] != pair[:-1])[: len(pair)])
        again = np.diff(begins, append=len(pair)) > 1
        pair, had = pair[begins], np.ones(len(begins))
    item, size = pair % max(len(log.items), 1), len(log.items)
    return _shrunk(np.bincount(item, again, size), np.bincount(item, had, size), categories, prior)


def _distinct(pair: np.ndarray, at: np.ndarray, below: int) -> tuple[np.ndarray, np.ndarray]:
    """The distinct (pair, at), both int64 and sorted, with ``at`` from 0 to ``below`` - 1."""
    kept = (at >= 0) & (at < below)
    pair, at = np.divmod(distinct(pair[kept] * below + at[kept]), below)
    return pair, at


def _shrunk(hits: np.ndarray, trials: np.ndarray, categories: np.ndarray, prior: float) -> np.ndarray:
    overall = hits.sum() / max(trials.sum(), 1.0)
    rate = np.full(len(hits), overall)
    kinds = categories >= 0
    if kinds.any():
        size = int(categories.max()) + 1
        by_kind = np.bincount(categories[kinds], hits[kinds], size) + prior * overall
        by_kind /= np.bincount(categories[kinds], trials[kinds], size) + prior
        rate[kinds] = by_kind[categories[kinds]]
    return ((hits + prior * rate) / (trials + prior)).astype(np.float32)


def gap(log: Log, prior: float = 3.0) -> np.ndarray:
    """float32[N]: the usual days between two times that a user takes the item, shrunk to that of all items.

    The geometric mean of the gaps; 30 days where the log says nothing.
    """
    pair = log.pairs()
    by_pair = np.lexsort((log.time, pair))
    pair, item, time = pair[by_pair], log.item[by_pair], log.time[by_pair]
    same = pair[1:] == pair[:-1]
    days = (time[1:] - time[:-1]) / DAY
    same &= days > 0
    logs = np.log(days[same])
    usual = logs.mean() if len(logs) else np.log(30.0)
    total = np.bincount(item[1:][same], logs, len(log.items)) + prior * usual
    return np.exp(total / (np.bincount(item[1:][same], minlength=len(log.items)) + prior)).astype(np.float32)
