"""Which windows make up which batch: the plan of cpc-train, number for number, computed with numpy.

Each epoch of mixed batches is one permutation of all windows, cut into batches. One-speaker batches cut a permutation
of each speaker's windows into batches and permute the batches of all speakers. A short last batch is filled from the
head of its own permutation. No table is kept, so any batch is at hand at once.
"""
import numpy as np

import cpc_random

ROUNDS = 64


def permute(place, count, key, index):
    """Where elements `place` of permutations of 0 ..< `count` go; int64 arrays that broadcast to one shape.

    The swap-or-not shuffle (Hoang, Morris and Rogaway, CRYPTO 2012): in each round x and its mirror image K − x are
    swapped or not, by a random bit that depends on the pair alone.
    """
    place, count, index, *key = np.broadcast_arrays(place, count, index, *key)
    rounds = np.arange(ROUNDS).reshape(-1, *[1] * place.ndim)
    mirrors = cpc_random.below(cpc_random.block(key, cpc_random.PERMUTATION, index, rounds), count)
    x = place
    for i in range(ROUNDS):
        mirror = (mirrors[i] - x) % count
        bits = cpc_random.block(key, cpc_random.PERMUTATION, index, np.maximum(x, mirror), (i + 1) << 8)[0]
        x = np.where(bits & 1, mirror, x)
    return x


class BatchPlan:
    """The batches of an endless run over `count` windows.

    groups: the speaker of each window, for batches of one speaker each; None for mixed batches. Speakers with fewer
    windows than a batch takes are left out. Batches are numbered through all epochs and workers: of W workers, worker
    `rank` takes batch update · W + rank.
    """

    def __init__(self, count, batch, seed, groups=None):
        if batch < 1:
            raise ValueError(f"a batch of {batch} windows")
        if count >= 1 << 31:
            raise ValueError(f"{count} windows: more than a plan can number")
        self.count, self.batch, self.seed = count, batch, seed
        self.key = cpc_random.key(seed)
        self.groups = None
        self.per_epoch = -(-count // batch) if count >= batch else 0
        if groups is not None:
            groups = np.asarray(groups, np.int64)
            sizes = np.bincount(groups) if count else np.zeros(0, np.int64)
            self.groups = np.flatnonzero(sizes >= batch)
            self.sizes = sizes[self.groups]
            order = np.argsort(groups, kind="stable")
            self.members = order[np.isin(groups[order], self.groups)]
            self.offsets = np.concatenate([[0], np.cumsum(self.sizes)])
            self.first_batches = np.concatenate([[0], np.cumsum(-(-self.sizes // batch))])
            self.per_epoch = int(self.first_batches[-1])
        if not self.per_epoch:
            raise ValueError(f"{count} windows do not make a batch of {batch}"
                             + ("" if groups is None else " of one speaker"))

    def epoch(self, number):
        """The epoch, from 0, that batch `number` belongs to."""
        return number // self.per_epoch

    def batches(self, numbers):
        """The windows of some batches: int64 [len(numbers), batch]."""
        epoch, place = np.divmod(np.asarray(numbers, np.int64)[:, None], self.per_epoch)
        within = np.arange(self.batch)
        if self.groups is None:
            return permute((place * self.batch + within) % self.count, self.count, self.key, epoch)
        place = permute(place, self.per_epoch, self.key, epoch)
        speaker = np.searchsorted(self.first_batches, place, side="right") - 1
        cut = place - self.first_batches[speaker]
        # Each speaker's permutation has a seed of its own: speakers of equally many windows must not share one.
        key = cpc_random.block(self.key, cpc_random.SPEAKERS, epoch, self.groups[speaker])[:2]
        size = self.sizes[speaker]
        return self.members[self.offsets[speaker] + permute((cut * self.batch + within) % size, size, key, epoch)]


def shift(seed, epoch, utterance, samples, window, step=160):
    """How far the windows of an utterance of `samples` samples move in an epoch: they stay disjoint and inside it."""
    words = cpc_random.block(cpc_random.key(seed), cpc_random.CROPS, epoch, utterance)
    return step * cpc_random.below(words, samples % window // step + 1)
