#!/usr/bin/env python3
"""Peer: sentences and words of texts with PyICU, in small letters and counted, by as many processes as cores.

    python text_peers.py LIST
"""
import collections, concurrent.futures, json, os, sys, time

import icu


def count(path):
    sentence = icu.BreakIterator.createSentenceInstance(icu.Locale.getRoot())
    word = icu.BreakIterator.createWordInstance(icu.Locale.getRoot())
    counts = collections.Counter()
    with open(path, encoding="utf-8-sig") as file:
        for paragraph in file.read().split("\n\n"):
            sentence.setText(paragraph)
            begin = 0
            for end in sentence:
                text = paragraph[begin:end]
                begin = end
                word.setText(text)
                first = 0
                for last in word:
                    if token := text[first:last].strip():
                        counts[token.lower()] += 1
                    first = last
    return counts


def main():
    paths = open(sys.argv[1]).read().split("\n")[:-1]
    cores = len(os.sched_getaffinity(0))
    with concurrent.futures.ProcessPoolExecutor(cores) as pool:
        list(pool.map(len, [[]] * cores))  # the processes are there before the clock runs
        start = time.perf_counter()
        counts = collections.Counter()
        for part in pool.map(count, paths):
            counts.update(part)
        seconds = time.perf_counter() - start
    print(json.dumps({"peer": "PyICU", "words": len(counts), "seconds": round(seconds, 3)}))


if __name__ == "__main__":
    main()
