"""The suite's random numbers: Philox4x32-10 (Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011).

A number is a pure function of seed, purpose, index and place, so any one is at hand without those before it. All
functions take integers, int64 arrays of numpy or int64 tensors of torch alike, and broadcast; words are 32 bits wide,
kept in 64, and products that overflow wrap.
"""

PERMUTATION, NEGATIVES, CROPS, SPEAKERS = 2, 4, 5, 6
WORD = 0xFFFFFFFF


def key(seed):
    """The key, two words, of a seed in 0 ..< 2**64."""
    if not 0 <= seed < 1 << 64:
        raise ValueError(f"seed {seed} is not in 0 ..< 2**64")
    return seed & WORD, seed >> 32


def philox(counter, key):
    """Four words from a counter of four and a key of two."""
    (c0, c1, c2, c3), (k0, k1) = counter, key
    for _ in range(10):
        first, second = c0 * 0xD2511F53, c2 * 0xCD9E8D57
        c0, c1 = (second >> 32) & WORD ^ c1 ^ k0, second & WORD
        c2, c3 = (first >> 32) & WORD ^ c3 ^ k1, first & WORD
        k0, k1 = (k0 + 0x9E3779B9) & WORD, (k1 + 0xBB67AE85) & WORD
    return c0, c1, c2, c3


def block(key, purpose, index, low, high=0):
    """The four words at place high << 32 | low of one stream; `index` tells streams of one purpose apart."""
    return philox((low, high, index & WORD, purpose), key)


def below(words, bound):
    """Uniform over 0 ..< bound, from the first two words of a block; bound < 2**31."""
    return (words[1] * bound + ((words[0] * bound) >> 32)) >> 32
