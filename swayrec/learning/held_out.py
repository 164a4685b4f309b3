"""Users whose rows stop a training instead of driving it."""

import numpy as np

SHARE = 0.15


def held_out(users: np.ndarray, seed: int) -> np.ndarray:
    """bool[n]: the rows of about ``SHARE`` of the users; a user's rows stay together."""
    different, place = np.unique(users, return_inverse=True)
    return (np.random.default_rng(seed + 1).random(len(different)) < SHARE)[place]
