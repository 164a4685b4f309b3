"""What a deployment of some size needs: plain arithmetic over figures that were measured, and says which.

Bytes are bytes, times are seconds of one core where nothing else is said. `docs/cluster/sizing.md` shows the results.
"""

from dataclasses import dataclass

HISTORY_ROW = 45.6
"""Bytes of a row of a user's history in the online store (values alone)."""

REDIS_USER, REDIS_HISTORY_ROW, REDIS_ITEM = 1_400.0, 50.2, 3_450.0
"""Bytes that a Redis takes: for a user, for each row of the history on top, for an item with a text vector."""

LOG_EVENT = 800.0
"""Bytes that a Redis takes for an event of the intake's log (docs/redis.md)."""

EXPOSURE = 400.0
"""Bytes of the line that is kept of an answer with ten items."""

OFFLINE_HISTORY_ROW, OFFLINE_ITEM = 5.9, 1_840.0
"""Bytes in the offline Parquet files: a row of a history; an item with a vector of 384 numbers."""

PREDICTOR, ITEM_ID = 0.9e9, 170.0
"""Bytes: a predictor with 10,000 items; an item's id in its hash table (what is left of 3.5 GB at a million)."""

ANSWER, TRANSFORMER_SHARE = 2 / 93, 7.3 / 17.4
"""Seconds of a core that an answer takes, 10,000 items; the part of it that is the transformer's."""

LATENCY = ((10_000, 0.0162), (100_000, 0.0216), (1_000_000, 0.0507))
"""Seconds at p50 with a catalogue of so many items, one caller."""

EASE_MOST, TEXTS_ALL, PROBES = 40_000, 100_000, 24
"""Items (or users) of exact EASE; items whose texts are compared with all others; near clusters compared beyond."""

EVENT = 30
"""Bytes of an event in a log in memory: two int32, an int16, an int64, a float64, a float32."""

HEADROOM = 1.5
"""Of a Redis's memory: fragments, and what changes while it writes its file anew."""


@dataclass(frozen=True)
class Load:
    """What a deployment has: users, items, rows of a mean history, similarity tables of ``neighbors`` entries a row.

    ``active`` is the share of users a day; each asks for ``asks`` answers and does ``does`` things; ``peak`` is the
    busiest hour over the mean one. ``windows`` times ``behaviors`` counts stand for each item.
    """

    users: int
    items: int
    rows: int = 50
    tables: int = 3
    neighbors: int = 100
    windows: int = 2
    behaviors: int = 3
    active: float = 0.1
    asks: float = 10.0
    does: float = 20.0
    peak: float = 3.0

    @property
    def answers(self) -> float:
        """Answers a second in the busiest hour.

        >>> round(Load(1_000_000, 100_000).answers, 1)
        34.7
        """
        return self.peak * self.users * self.active * self.asks / 86_400

    @property
    def events(self) -> float:
        """Events a day."""
        return self.users * self.active * self.does


def online_store(load: Load) -> float:
    """Bytes of a Redis with the histories, the users and the items.

    >>> round(online_store(Load(1_000_000, 100_000)) / 1e9, 1)
    6.4
    """
    user = REDIS_USER + REDIS_HISTORY_ROW * load.rows
    return HEADROOM * (load.users * user + load.items * REDIS_ITEM)


def event_log(load: Load) -> float:
    """Bytes of a Redis for a day of the intake's log."""
    return HEADROOM * load.events * LOG_EVENT


def exposures(load: Load) -> float:
    """Bytes of a day's exposures on the workspace's volume."""
    return load.users * load.active * load.asks * EXPOSURE


def tables(load: Load) -> float:
    """Bytes of a model's item tables: similarities, counts, four numbers an item."""
    similarity = load.tables * load.neighbors * 8
    return load.items * (similarity + load.windows * load.behaviors * 4 + 16.0)


def predictor(load: Load) -> float:
    """Bytes of one predictor; while a version takes another's place, the tables and ids are there twice.

    >>> round(predictor(Load(1, 1_000_000, behaviors=2)) / 1e9, 1)
    3.5
    """
    return PREDICTOR + tables(load) + load.items * ITEM_ID


def swapping(load: Load) -> float:
    """Bytes of one predictor that loads a version beside the one that serves."""
    return 2 * predictor(load) - PREDICTOR


def latency(items: int) -> float:
    """Seconds at p50, on a line between measured catalogues, and on the last line beyond them."""
    points = LATENCY[-2:] if items > LATENCY[1][0] else LATENCY[:2]
    (few, fast), (many, slow) = points
    return max(LATENCY[0][1], fast + (slow - fast) * (items - few) / (many - few))


def transformer_cores(load: Load, busy: float = 0.6) -> float:
    """Cores that answer, of which ``busy`` is used at the peak."""
    return load.answers * ANSWER * TRANSFORMER_SHARE / busy


def predictor_cores(load: Load, busy: float = 0.6) -> float:
    """The same of the predictors, whose work grows with the catalogue."""
    each = ANSWER * (1 - TRANSFORMER_SHARE) + latency(load.items) - LATENCY[0][1]
    return load.answers * each / busy


def training_log(load: Load, days: int = 365) -> float:
    """Bytes of the events of so many days as one log in memory."""
    return load.events * days * EVENT


def ease_matrix(load: Load, entries: int = 400) -> float:
    """Bytes of what EASE cannot do without: the one dense matrix of the exact one, else the sparse weights twice.

    ``entries`` an item of the sparse ones, 8 bytes each, are kept while they are turned into rows.
    """
    if min(load.users, load.items) > EASE_MOST:
        return 2.0 * 8 * entries * load.items
    return 4.0 * load.items * min(load.users, load.items)


def text_pairs(load: Load, width: int = 384) -> float:
    """Operations of comparing items' text vectors: each with every other, or beyond some number within near clusters.

    >>> round(text_pairs(Load(1, 1_000_000)) / text_pairs(Load(1, 100_000)), 1)
    2.5
    """
    if load.items <= TEXTS_ALL:
        return 2.0 * width * load.items**2
    return 2.0 * width * load.items**1.5 * (PROBES + 1)


def bucket(load: Load, versions: int = 20) -> float:
    """Bytes in object storage: the tables and ids of registered models."""
    return versions * (tables(load) + load.items * ITEM_ID)


def volume(load: Load, days: int = 30) -> float:
    """Bytes of the workspace's volume: offline features twice (the new ones beside the old), exposures of some days."""
    features = load.users * load.rows * OFFLINE_HISTORY_ROW + load.items * OFFLINE_ITEM
    return 2 * features + days * exposures(load) + 3 * tables(load)
