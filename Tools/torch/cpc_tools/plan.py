"""Which windows make up which batch: the plan of cpc-train, number for number, computed with NumPy.

Each epoch of mixed batches is one permutation of all windows, cut into batches. One-speaker batches cut a permutation
of each speaker's windows into batches and permute the batches of all speakers. A short last batch is filled from the
head of its own permutation. No table is kept, so any batch is at hand at once.
"""
from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Optional, Union

import numpy as np
import numpy.typing as npt

from cpc_tools import philox

ROUNDS = 64
WORD, HALF = np.uint64(philox.WORD), np.uint64(32)
FIRST, SECOND = (np.uint64(multiplier) for multiplier in philox.MULTIPLIERS)

Integers = npt.NDArray[np.int64]
Integer = Union[int, Integers]


def permute(place: Integer, count: Integer, key: tuple[Integer, Integer], index: Integer) -> Integers:
    """Where elements `place` of permutations of 0 ..< `count` go; int64 arrays that broadcast to one shape.

    The swap-or-not shuffle (Hoang, Morris and Rogaway, CRYPTO 2012): in each round x and its mirror image K − x are
    swapped or not, by a random bit that depends on the pair alone.
    """
    # The constants K are of a permutation, not of an element: fewer, where one axis is of places alone.
    count, index, *keys = np.broadcast_arrays(count, index, *key)
    rounds = np.arange(ROUNDS).reshape(-1, *[1] * count.ndim)
    mirrors = philox.below(philox.block((keys[0], keys[1]), philox.PERMUTATION, index, rounds), count)
    shape = np.broadcast_shapes(np.shape(place), count.shape)
    x = np.array(np.broadcast_to(place, shape), np.int64)
    bits = Bits(shape, keys, index)
    for i in range(ROUNDS):
        # Both lie in 0 ..< count, so one addition makes the remainder.
        mirror = mirrors[i] - x
        mirror += (mirror < 0) * count
        swapped = bits(np.maximum(x, mirror), (i + 1) << 8)
        x = np.where(swapped, mirror, x)
    return x


class Bits:
    """The lowest bits of the first words of ``philox.block``, for many places: the same numbers, in as few operations and
    as little memory as NumPy needs for them."""

    def __init__(self, shape: tuple[int, ...], keys: Sequence[npt.NDArray[Any]], index: npt.NDArray[Any]) -> None:
        self.rounds = []
        k0, k1 = (key.astype(np.uint64) for key in keys)
        for _ in range(philox.ROUNDS):
            self.rounds.append((k0, k1))
            k0, k1 = ((k + np.uint64(step)) & WORD for k, step in zip((k0, k1), philox.STEPS))
        self.index = (index & philox.WORD).astype(np.uint64)
        self.words = [np.empty(shape, np.uint64) for _ in range(4)]
        self.products = [np.empty(shape, np.uint64) for _ in range(2)]

    def __call__(self, low: Integers, high: int) -> npt.NDArray[np.bool_]:
        (c0, c1, c2, c3), (first, second), rounds = self.words, self.products, self.rounds
        # In the first two rounds only one of the two products differs from place to place.
        c0[...] = low
        np.multiply(c0, FIRST, out=first)
        np.right_shift(first, HALF, out=c2)
        np.bitwise_xor(c2, np.uint64(philox.PERMUTATION) ^ rounds[0][1], out=c2)
        np.bitwise_and(first, WORD, out=c3)
        same = self.index * SECOND
        one, other = (same >> HALF) ^ np.uint64(high) ^ rounds[0][0], same & WORD
        same = one * FIRST
        np.multiply(c2, SECOND, out=second)
        np.right_shift(second, HALF, out=c0)
        np.bitwise_xor(c0, other ^ rounds[1][0], out=c0)
        np.bitwise_and(second, WORD, out=c1)
        np.bitwise_xor(c3, (same >> HALF) ^ rounds[1][1], out=c2)
        c3[...] = same & WORD
        for k0, k1 in rounds[2:-2]:
            np.multiply(c0, FIRST, out=first)
            np.multiply(c2, SECOND, out=second)
            np.right_shift(second, HALF, out=c0)
            np.bitwise_xor(c0, c1, out=c0)
            np.bitwise_xor(c0, k0, out=c0)
            np.bitwise_and(second, WORD, out=c1)
            np.right_shift(first, HALF, out=c2)
            np.bitwise_xor(c2, c3, out=c2)
            np.bitwise_xor(c2, k1, out=c2)
            np.bitwise_and(first, WORD, out=c3)
        # Of the last two only what the first word depends on.
        np.multiply(c0, FIRST, out=first)
        np.multiply(c2, SECOND, out=c1)
        np.right_shift(first, HALF, out=c2)
        np.bitwise_xor(c2, c3, out=c2)
        np.bitwise_xor(c2, rounds[-2][1], out=c2)
        np.multiply(c2, SECOND, out=second)
        np.right_shift(second, HALF, out=c0)
        np.bitwise_xor(c0, c1, out=c0)
        np.bitwise_xor(c0, rounds[-1][0], out=c0)
        return np.bitwise_and(c0, np.uint64(1), out=c0).astype(bool)


class BatchPlan:
    """The batches of an endless run over `count` windows.

    groups: the speaker of each window, for batches of one speaker each; None for mixed batches. Speakers with fewer
    windows than a batch takes are left out. Batches are numbered through all epochs and workers: of W workers, worker
    `rank` takes batch update · W + rank.
    """

    def __init__(self, count: int, batch: int, seed: int, groups: Optional[npt.ArrayLike] = None) -> None:
        if batch < 1:
            raise ValueError(f"a batch of {batch} windows")
        if count >= 1 << 31:
            raise ValueError(f"{count} windows: more than a plan can number")
        self.count, self.batch, self.seed = count, batch, seed
        self.key = philox.key(seed)
        self.groups: Optional[Integers] = None
        self.per_epoch = -(-count // batch) if count >= batch else 0
        if groups is not None:
            numbers = np.asarray(groups, np.int64)
            sizes = np.bincount(numbers) if count else np.zeros(0, np.int64)
            self.groups = np.flatnonzero(sizes >= batch)
            self.sizes = sizes[self.groups]
            order = np.argsort(numbers, kind="stable")
            self.members = order[np.isin(numbers[order], self.groups)]
            self.offsets = np.concatenate([[0], np.cumsum(self.sizes)])
            self.first_batches = np.concatenate([[0], np.cumsum(-(-self.sizes // batch))])
            self.per_epoch = int(self.first_batches[-1])
        if not self.per_epoch:
            raise ValueError(f"{count} windows do not make a batch of {batch}"
                             + ("" if groups is None else " of one speaker"))

    def epoch(self, number: int) -> int:
        """The epoch, from 0, that batch `number` belongs to."""
        return number // self.per_epoch

    def batches(self, numbers: npt.ArrayLike) -> Integers:
        """The windows of some batches: int64 [len(numbers), batch]."""
        epoch, place = np.divmod(np.asarray(numbers, np.int64)[:, None], self.per_epoch)
        within = np.arange(self.batch)
        if self.groups is None:
            return permute((place * self.batch + within) % self.count, self.count, self.key, epoch)
        place = permute(place, self.per_epoch, self.key, epoch)
        speaker = np.searchsorted(self.first_batches, place, side="right") - 1
        cut = place - self.first_batches[speaker]
        # Each speaker's permutation has a seed of its own: speakers of equally many windows must not share one.
        key = philox.block(self.key, philox.SPEAKERS, epoch, self.groups[speaker])[:2]
        size = self.sizes[speaker]
        place = permute((cut * self.batch + within) % size, size, key, epoch)
        members: Integers = self.members[self.offsets[speaker] + place]
        return members


def shifts(seed: int, epoch: int, samples: Integers, window: int, step: int = 160) -> Integers:
    """How far the windows of each utterance, of so many samples, move in an epoch: they stay disjoint and inside it."""
    utterance = np.arange(len(samples))
    words = philox.block(philox.key(seed), philox.CROPS, epoch, utterance)
    moved: Integers = step * philox.below(words, samples % window // step + 1)
    return moved
