"""Intervals by resampling users: whole users are drawn, so that a user's cases stay together."""

from dataclasses import dataclass

import numpy as np

CHUNK = 4_000_000


@dataclass(frozen=True)
class Estimate:
    """A mean with its interval."""

    mean: float
    low: float
    high: float

    @property
    def above_zero(self) -> bool:
        """Whether the whole interval lies above 0."""
        return self.low > 0

    @property
    def below_zero(self) -> bool:
        """Whether the whole interval lies below 0."""
        return self.high < 0


@dataclass(frozen=True)
class Bootstrap:
    """The percentile bootstrap over users (Efron, 1979): the same draws for everything that is compared.

    ``draws`` resamples; ``level`` of the interval; ``seed`` fixes the draws.
    """

    draws: int = 2000
    level: float = 0.95
    seed: int = 0

    def samples(self, values: np.ndarray, users: np.ndarray) -> np.ndarray:
        """float64[draws, M]: the mean over cases of each of M columns in every resample of the users.

        Args:
            values: float[C, M], one row a case.
            users: int[C], whose case it is; a user may have several.
        """
        values = np.asarray(values, np.float64)
        _, place = np.unique(users, return_inverse=True)
        count = int(place.max(initial=-1)) + 1
        if not count:
            raise ValueError("there is no case to resample")
        sums = np.zeros((count, values.shape[1]))
        np.add.at(sums, place, values)
        cases = np.bincount(place, minlength=count)
        random = np.random.default_rng(self.seed)
        samples = np.empty((self.draws, values.shape[1]))
        chunk = max(1, CHUNK // count)
        for start in range(0, self.draws, chunk):
            size = min(chunk, self.draws - start)
            drawn = random.integers(count, size=(size, count))
            drawn += np.arange(size)[:, None] * count
            times = np.bincount(drawn.ravel(), minlength=size * count).reshape(size, count).astype(np.float64)
            samples[start : start + size] = times @ sums / (times @ cases)[:, None]
        return samples

    def estimates(self, values: np.ndarray, users: np.ndarray) -> list[Estimate]:
        """The mean of each column of ``values`` float[C, M] over cases, with its interval over users."""
        values = np.asarray(values, np.float64)
        samples = self.samples(values, users)
        return [
            self.estimate(float(mean), column)
            for mean, column in zip(values.mean(axis=0), samples.T, strict=True)
        ]

    def estimate(self, mean: float, samples: np.ndarray) -> Estimate:
        """A value with the interval that its resamples float[draws] give; NaN where some have no value."""
        edge = 50 * (1 - self.level)
        low, high = np.percentile(samples, [edge, 100 - edge])
        return Estimate(mean, float(low), float(high))

    def difference(self, a: np.ndarray, b: np.ndarray, users: np.ndarray) -> Estimate:
        """By how much ``a`` float[C] is above ``b`` float[C] on the same cases."""
        return self.estimates((np.asarray(a) - np.asarray(b))[:, None], users)[0]
