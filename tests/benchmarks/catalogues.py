"""What large catalogues cost, and what is lost where their similarities are not computed in full."""

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy import sparse

from swayrec.learning.kernels import Rows

SIZE, FAMILIES, NEIGHBORS = 384, 200, 200


def texts(folder: Path, items: str, topics: str = "20000", sample: str = "500") -> dict[str, float]:
    """The near texts of generated vectors, and how many of the nearest of a sample of rows are among them.

    Topics lie about families and items about topics, so that a topic of 50 items is smaller than the neighbors that
    are asked for: the rest are of near topics, in other clusters as well.
    """
    from swayrec.learning.near_texts import near_texts

    vectors = _about_topics(int(items), int(topics))
    start, used = time.perf_counter(), time.process_time()
    rows = near_texts(vectors, NEIGHBORS)
    seconds, processor = time.perf_counter() - start, time.process_time() - used
    asked = np.random.default_rng(1).choice(len(vectors), int(sample), replace=False)
    found: dict[int, list[float]] = {10: [], 50: [], NEIGHBORS: []}
    exact = np.empty((len(asked), len(vectors)), np.float32)
    np.matmul(vectors[asked], vectors.T, out=exact)
    exact[np.arange(len(asked)), asked] = -1
    for place, item in enumerate(asked):
        order = np.argpartition(-exact[place], NEIGHBORS)[:NEIGHBORS]
        order = order[np.argsort(-exact[place][order])]
        near = rows.index[item][rows.value[item] > 0]
        for k, shares in found.items():
            shares.append(np.isin(order[:k], near).mean())
    return {
        "items": len(vectors),
        "seconds": seconds,
        "processor_seconds": processor,
        **{f"recall@{k}": float(np.mean(shares)) for k, shares in found.items()},
    }


def _about_topics(items: int, topics: int) -> np.ndarray:
    """float32[items, SIZE], unit length: about topics of very unequal size, these about families."""
    random = np.random.default_rng(0)
    family = random.normal(size=(FAMILIES, SIZE)).astype(np.float32)
    topic = family[random.integers(FAMILIES, size=topics)]
    topic += 0.8 * random.standard_normal(topic.shape, np.float32)
    share = 1 / np.arange(10, topics + 10)
    own = random.choice(topics, items, p=share / share.sum())
    vectors = random.standard_normal((items, SIZE), np.float32)
    vectors *= 0.7
    for start in range(0, items, 1 << 16):
        part = vectors[start : start + (1 << 16)]
        part += topic[own[start : start + len(part)]]
        part /= np.linalg.norm(part, axis=1, keepdims=True)
    return vectors


def sparse_weights(folder: Path, items: str, users: str, exact: str = "") -> dict[str, float]:
    """The sparse approximation of EASE on a generated log, and beside the exact weights where these are asked for.

    Of the first 2,000 users one item each was left out; it is looked for among all that they did not take.
    """
    from swayrec.learning.ease import ease_of
    from swayrec.learning.sparse_ease import sparse_ease

    X, left = _taken(int(items), int(users))
    across, had = X.T.tocsr(), np.asarray(X.sum(0)).ravel()
    ridge = 200.0
    found: dict[str, float] = {"pairs": float(X.nnz)}
    start, used = time.perf_counter(), time.process_time()
    rows = sparse_ease(lambda asked: across[asked] @ X, had, ridge, NEIGHBORS)
    found |= {"seconds": time.perf_counter() - start, "processor_seconds": time.process_time() - used}
    found["ndcg@10"] = _found_again(X, left, rows)
    if exact:
        used = time.process_time()
        rows = ease_of(X.T @ X, ridge, NEIGHBORS)
        found |= {
            "exact_processor_seconds": time.process_time() - used,
            "exact_ndcg@10": _found_again(X, left, rows),
        }
    popular = np.argsort(-had)[: 10 + 200]
    found["popular_ndcg@10"] = float(
        np.mean(
            [
                _gain([item for item in popular if item not in _row(X, user)][:10], left[user])
                for user in range(len(left))
            ]
        )
    )
    return found


def _taken(items: int, users: int, each: int = 30) -> tuple[sparse.csr_matrix, np.ndarray]:
    """float32[users, items] of people with five topics each, and what was left out of the first 2,000 rows."""
    random = np.random.default_rng(0)
    topics = max(items // 100, 1)
    topic = random.integers(topics, size=items)
    share = 1 / np.arange(10, items + 10) ** 0.8
    by_topic = np.argsort(topic, kind="stable")
    ends = np.searchsorted(topic[by_topic], np.arange(topics + 1))
    # Within a topic an item's place decides how often it is taken, everywhere else its number.
    liked = random.integers(topics, size=(users, 5))
    chosen = np.take_along_axis(liked, random.integers(5, size=(users, each)), 1)
    size = ends[chosen + 1] - ends[chosen]
    inside = by_topic[
        np.minimum(ends[chosen] + (size * random.random(chosen.shape) ** 2).astype(int), len(by_topic) - 1)
    ]
    anywhere = random.choice(items, chosen.shape, p=share / share.sum())
    item = np.where(random.random(chosen.shape) < 0.6, inside, anywhere)
    left = item[: min(2000, users), 0]
    user = np.repeat(np.arange(users), each)
    X = sparse.csr_matrix((np.ones(item.size, np.float32), (user, item.ravel())), (users, items))
    X.data[:] = 1
    X[np.arange(len(left)), left] = 0
    X.eliminate_zeros()
    return X, left


def _found_again(X: sparse.csr_matrix, left: np.ndarray, rows: Rows) -> float:
    """NDCG at 10 of what was left out, by what the weights add up to."""
    items, width = rows.index.shape
    ends = np.arange(0, items * width + 1, width)
    weights = sparse.csr_matrix((rows.value.ravel(), rows.index.ravel(), ends), (items, items))
    gains = []
    for user, item in enumerate(left):
        score = (X[user] @ weights).toarray().ravel()
        score[_row(X, user)] = -np.inf
        best = np.argpartition(-score, 10)[:10]
        gains.append(_gain(best[np.argsort(-score[best])], item))
    return float(np.mean(gains))


def _row(X: sparse.csr_matrix, user: int) -> np.ndarray:
    return X.indices[X.indptr[user] : X.indptr[user + 1]]


def _gain(ranked: Sequence[int], item: int) -> float:
    place = np.flatnonzero(np.asarray(ranked) == item)
    return float(1 / np.log2(place[0] + 2)) if len(place) else 0.0


def journey(folder: Path, ridge: str = "200") -> dict[str, float]:
    """EASE with recency on Complete Journey's validation part, exact and by the sparse approximation."""
    from datetime import UTC, datetime

    from swayrec.evaluation.exclusion import unwanted
    from swayrec.evaluation.metrics import NDCG
    from swayrec.evaluation.splits import split
    from swayrec.learning import ease
    from swayrec.learning.baselines import Ease
    from swayrec.learning.layout import Decay
    from swayrec.tables import scenario as scenarios
    from swayrec.tables.dataset import Dataset
    from swayrec.tables.ingest import ingest

    path, made = Path("pipelines/scenarios/ecommerce.toml"), folder / "journey"
    scenario = scenarios.load(path)
    if not made.exists():
        ingest(scenario, str(path), made, until=None, now=datetime.now(UTC))
    part = split(Dataset(made).log(scenario), scenario).validation
    found: dict[str, float] = {"items": float(len(part.known.items)), "cases": float(len(part.cases))}
    for name, largest in (("exact", ease.LARGEST), ("sparse", 0)):
        ease.LARGEST, used = largest, time.process_time()
        model = Ease(Decay("days", 90), float(ridge)).fit(part.known, scenario)
        found[f"{name}_processor_seconds"] = time.process_time() - used
        ranked = model.rank(part.cases, 10, unwanted(part, scenario.seen))
        found[f"{name}_ndcg@10"] = float(NDCG(10)(ranked, part.cases).mean())
    return found
