"""Generators whose fairness is known: quality by group, probabilities, and a market in which a group is hidden."""

from dataclasses import dataclass

import numpy as np

from swayrec.evaluation.fairness import Groups, Shown, Wanted


def groups(random, users, shares):
    member = random.choice(len(shares), users, p=shares)
    return Groups(tuple(f"g{number}" for number in range(len(shares))), member)


def quality(random, users, shares, less=0.0):
    """A metric of hits; in g0 hits are rarer by the part ``less``. Every hit is worth .5 on average."""
    of = groups(random, users, shares)
    owner = np.repeat(np.arange(users), random.integers(1, 4, users))
    rate = random.beta(2, 6, users) * np.where(of.member == 0, 1 - less, 1)
    hit = random.random(len(owner)) < rate[owner]
    return hit * random.choice([1, 0.6, 0.5, 0.4, 0.0], len(owner)), owner, of


QUALITY = 2 / 8 * 0.5


def foretold(random, users, shares, less=0.0, shift=0.0):
    """Probabilities and outcomes, five a user; in g0 things happen by ``less`` less often than foretold.

    ``shift`` makes the probabilities of g0 higher, truly.
    """
    of = groups(random, users, shares)
    owner = np.repeat(np.arange(users), 5)
    first = of.member[owner] == 0
    probability = np.clip(random.beta(2, 5, len(owner)) * 0.7 + 0.15 + shift * first, 0, 1)
    return probability, random.random(len(owner)) < probability - less * first, owner, of


@dataclass(frozen=True)
class Market:
    """Items of several groups, worth ``worth``; each list draws by worth, after the filter that hides g0."""

    sizes: tuple[int, ...]

    @property
    def groups(self):
        member = np.repeat(np.arange(len(self.sizes)), self.sizes)
        return Groups(tuple(f"g{number}" for number in range(len(self.sizes))), member)

    @property
    def worth(self):
        rank = np.random.default_rng(7).permutation(sum(self.sizes)) + 1
        return rank**-0.7 / (rank**-0.7).sum()

    def due(self, hidden=0.0):
        """The share of each group in what is wanted, and in lists of one place where each list hides all of g0
        with the probability ``hidden``.
        """
        share = np.bincount(self.groups.member, self.worth)
        left = np.where(np.arange(len(share)) == 0, 0, share)
        return share, (1 - hidden) * share + hidden * left / left.sum()

    def draw(self, random, users, hidden=0.0, places=1):
        """What one to three lists for each user show, and up to four things that each wants."""
        owner = np.repeat(np.arange(users), random.integers(1, 4, users))
        taste = np.log(self.worth) + random.gumbel(size=(len(owner), sum(self.sizes)))
        gone = (random.random((len(owner), 1)) < hidden) & (self.groups.member == 0)
        ranked = np.argsort(np.where(gone, np.inf, -taste), axis=1)[:, :places]
        fans = np.repeat(np.arange(users), random.integers(0, 5, users))
        liked = random.choice(sum(self.sizes), len(fans), p=self.worth)
        return Shown.of_lists(ranked, owner, places), Wanted(fans, liked, np.ones(len(fans))), self.groups
