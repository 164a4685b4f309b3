"""What the training data looked like: statistics and a sample, kept with the model for monitoring."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from swayrec.operations.pseudonym import pseudonyms
from swayrec.tables.dataset import Dataset
from swayrec.tables.keywords import keywords
from swayrec.tables.language import language

SCHEMA = 3
"""Of the folder as a whole; raised when a reader of an older one would misread it."""

STATISTICS = "reference.json"
EVENTS = "events.parquet"
SCORES = "scores.parquet"
INTENTS = "intents.parquet"
KEPT = ("item_id", "behavior", "order", "timestamp", "value", "source")
ROWS = 5_000
QUANTILES = (0.0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1.0)
TEXTS = 20_000
MOST = 200


@dataclass(frozen=True)
class Answers:
    """A sample of answers: ``score`` float32[n, R]; ``intent`` float32[n, G], one a target."""

    score: np.ndarray
    intent: np.ndarray
    targets: tuple[str, ...]


def write(
    folder: Path,
    dataset: Dataset,
    secret: bytes,
    *,
    weights: Mapping[str, float] | None = None,
    covariance: np.ndarray | None = None,
    answers: Answers | None = None,
    seed: int = 0,
) -> dict[str, Any]:
    """Writes the reference of a training into a folder.

    ``reference.json`` holds the statistics; ``events.parquet`` a sample of events with their items' category
    and language, users as pseudonyms, users' own words left out; ``scores.parquet`` and ``intents.parquet``
    the answers.

    Args:
        folder: where to; made if need be.
        dataset: what was trained on.
        secret: the workspace's key of pseudonyms.
        weights: influence of each behavior (or column) by name.
        covariance: float[len(weights), len(weights)], of the weights, in their order.
        answers: what the model said to some users.
        seed: of the samples.

    Returns:
        The statistics.
    """
    random = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    events, items = dataset.events(), dataset.items()
    statistics: dict[str, Any] = {
        "schema": SCHEMA,
        "fingerprint": dataset.fingerprint(),
        "seed": seed,
        "events": _events(events),
        "items": _items(items),
        "keywords": _keywords(events, items, random),
        "influence": {
            "weights": dict(weights) if weights is not None else None,
            "covariance": np.asarray(covariance).tolist() if covariance is not None else None,
        },
    }
    pq.write_table(_sample(events, items, secret, random), folder / EVENTS, compression="zstd")
    if answers is not None:
        statistics["score"] = _numbers(answers.score)
        statistics["intent"] = {
            target: _numbers(answers.intent[:, place]) for place, target in enumerate(answers.targets)
        }
        pq.write_table(_scores(answers.score, random), folder / SCORES)
        pq.write_table(_intents(answers, random), folder / INTENTS)
    text = json.dumps(statistics, indent=2, ensure_ascii=False, allow_nan=False)
    (folder / STATISTICS).write_text(text, encoding="utf-8")
    return statistics


def _events(events: pa.Table) -> dict[str, Any]:
    instants = events["timestamp"].drop_null()
    days = pc.value_counts(pc.strftime(instants, format="%Y-%m-%d")) if len(instants) else []
    by_day = {each["values"].as_py(): each["counts"].as_py() for each in days}
    return {
        "count": len(events),
        "users": pc.count_distinct(events["user_id"]).as_py(),
        "items": pc.count_distinct(events["item_id"]).as_py(),
        "clock": bool(len(instants)),
        "from": pc.min(instants).as_py().isoformat() if len(instants) else None,
        "until": pc.max(instants).as_py().isoformat() if len(instants) else None,
        "behaviors": _counts(events["behavior"]),
        "sources": _counts(events["source"]),
        "per_day": dict(sorted(by_day.items())),
        "value": {
            behavior: _numbers(
                events.filter(pc.equal(events["behavior"], behavior))["value"].to_numpy(zero_copy_only=False)
            )
            for behavior in _counts(events["behavior"])
        },
    }


def _items(items: pa.Table) -> dict[str, Any]:
    return {
        "count": len(items),
        "categories": _shares(items["category"]),
        "languages": _shares(items["language"]),
        "without_text": int(pc.sum(pc.is_null(items["text"])).as_py() or 0),
    }


def _keywords(events: pa.Table, items: pa.Table, random: np.random.Generator) -> dict[str, float]:
    """The most frequent words of items' texts and of what users wrote: share of the texts that hold them."""
    told = zip(items["text"].to_pylist(), items["language"].to_pylist(), strict=True)
    spoken = [(text, tongue or language(text)) for text, tongue in told if text]
    spoken += [(text, language(text)) for text in events["text"].drop_null().to_pylist()]
    if len(spoken) > TEXTS:
        spoken = [spoken[place] for place in np.sort(random.choice(len(spoken), TEXTS, replace=False))]
    found = Counter(word for text, tongue in spoken for word in set(keywords(text, tongue)))
    ranked = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST]
    return {word: count / len(spoken) for word, count in ranked}


def _sample(events: pa.Table, items: pa.Table, secret: bytes, random: np.random.Generator) -> pa.Table:
    kept = np.sort(random.choice(len(events), min(ROWS, len(events)), replace=False))
    sample = events.take(kept)
    place = pc.index_in(sample["item_id"], value_set=items["item_id"].combine_chunks())
    return pa.table(
        {
            "user": pseudonyms(sample["user_id"].to_pylist(), secret),
            **{name: sample[name] for name in KEPT},
            "category": items["category"].take(place),
            "language": items["language"].take(place),
        }
    )


def _scores(score: np.ndarray, random: np.random.Generator) -> pa.Table:
    row, rank = np.nonzero(np.isfinite(score))
    kept = np.sort(random.choice(len(row), min(ROWS, len(row)), replace=False))
    row, rank = row[kept], rank[kept]
    return pa.table({"rank": (rank + 1).astype(np.int32), "score": score[row, rank].astype(np.float32)})


def _intents(answers: Answers, random: np.random.Generator) -> pa.Table:
    size = len(answers.intent)
    kept = np.sort(random.choice(size, min(ROWS, size), replace=False))
    columns = answers.intent[kept].astype(np.float32).T
    return pa.table(dict(zip(answers.targets, columns, strict=True)))


def _counts(column: pa.ChunkedArray) -> dict[str, int]:
    found = {each["values"].as_py(): each["counts"].as_py() for each in pc.value_counts(column)}
    return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))


def _shares(column: pa.ChunkedArray) -> dict[str, float]:
    """The share of each value among all rows; '' stands for rows without one."""
    counts = _counts(pc.fill_null(column, ""))
    return {value: count / len(column) for value, count in counts.items()}


def _numbers(values: np.ndarray) -> dict[str, Any] | None:
    """Count, mean, deviation and quantiles of the finite values; None where there are none."""
    values = np.asarray(values, np.float64)
    finite = values[np.isfinite(values)]
    if not len(finite):
        return None
    return {
        "count": len(finite),
        "mean": float(finite.mean()),
        "deviation": float(finite.std()),
        "quantiles": dict(zip(map(str, QUANTILES), np.quantile(finite, QUANTILES).tolist(), strict=True)),
    }
