"""The suite's random numbers: Philox4x32-10 (Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011).

A number is a pure function of seed, purpose, index and place, so any one is at hand without those before it. All
functions take integers, int64 arrays of NumPy or int64 tensors of PyTorch alike, and broadcast; words are 32 bits wide,
kept in 64, and products that overflow wrap.
"""
from __future__ import annotations

from typing import Any

PERMUTATION, NEGATIVES, CROPS, SPEAKERS = 2, 4, 5, 6
WORD = 0xFFFFFFFF
MULTIPLIERS = 0xD2511F53, 0xCD9E8D57
STEPS = 0x9E3779B9, 0xBB67AE85
ROUNDS = 10

# An integer, or an array or tensor of them.
Words = Any


def key(seed: int) -> tuple[int, int]:
    """The key, two words, of a seed in 0 ..< 2**64."""
    if not 0 <= seed < 1 << 64:
        raise ValueError(f"seed {seed} is not in 0 ..< 2**64")
    return seed & WORD, seed >> 32


def philox(counter: tuple[Words, Words, Words, Words], key: tuple[Words, Words]) -> tuple[Words, Words, Words, Words]:
    """Four words from a counter of four and a key of two."""
    (c0, c1, c2, c3), (k0, k1) = counter, key
    for _ in range(ROUNDS):
        first, second = c0 * MULTIPLIERS[0], c2 * MULTIPLIERS[1]
        c0, c1 = (second >> 32) & WORD ^ c1 ^ k0, second & WORD
        c2, c3 = (first >> 32) & WORD ^ c3 ^ k1, first & WORD
        k0, k1 = (k0 + STEPS[0]) & WORD, (k1 + STEPS[1]) & WORD
    return c0, c1, c2, c3


def block(key: tuple[Words, Words], purpose: int, index: Words, low: Words,
          high: Words = 0) -> tuple[Words, Words, Words, Words]:
    """The four words at place high << 32 | low of one stream; `index` tells streams of one purpose apart."""
    return philox((low, high, index & WORD, purpose), key)


def below(words: tuple[Words, ...], bound: Words) -> Words:
    """Uniform over 0 ..< bound, from the first two words of a block; bound < 2**31."""
    return (words[1] * bound + ((words[0] * bound) >> 32)) >> 32
