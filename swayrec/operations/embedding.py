"""The step that gives every item of a dataset the vector of its text."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from swayrec.learning.embed import embed as embedded
from swayrec.learning.encoder import load_encoder
from swayrec.learning.text_cache import TextCache
from swayrec.learning.vectors import Vectors
from swayrec.tables.dataset import Dataset
from swayrec.tables.scenario import Scenario


def encode(scenario: Scenario, name: str, cache: Path) -> Callable[[Sequence[str]], np.ndarray] | None:
    """What turns texts into vectors, float32[n, D] of n, through the cache; None where the scenario has no [text].

    ``name`` and ``cache`` as of :func:`embed`.

    Raises:
        InputError: as of :func:`embed`, some of it when texts are given.
    """
    if scenario.text is None:
        return None
    encoder = load_encoder(scenario.text.encoder, scenario.text.longest, name)
    return lambda texts: TextCache(cache).encode(list(texts), encoder)


def embed(
    scenario: Scenario, name: str, dataset: Dataset, cache: Path, folder: Path, say: Callable[[str], None]
) -> Vectors:
    """Writes the vectors of the items' texts into ``folder``; none where the scenario has no [text].

    Args:
        name: the scenario file's name, for errors.
        cache: folder of the cache of texts.
        say: is told how many texts are encoded.

    Raises:
        InputError: the language model is missing or cannot be read, or the cache cannot be used.
    """
    if scenario.text is None:
        vectors = Vectors(np.array([], np.str_), np.zeros((0, 1), np.float32))
    else:
        encoder = load_encoder(scenario.text.encoder, scenario.text.longest, name)

        def progress(done: int, all_: int) -> None:
            say(f"{done:,} of {all_:,} texts")

        vectors = embedded(dataset.items(), encoder, TextCache(cache), progress)
    vectors.save(folder)
    return vectors
