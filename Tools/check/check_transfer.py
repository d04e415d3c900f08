#!/usr/bin/env python3
"""Checks transfer probes of sentences against scikit-learn's LogisticRegression under the same protocol.

    check_transfer.py FOLDER...

A folder holds x.f32 and y.i32, vectors of sentences and their classes, in the order of their file, those of a test part
last; and result.json: the protocol, how many sentences are to be trained on, lengths in words, the test parts of folds and
of the first fold's inner folds, as rows, and accuracies and the chosen C by fold. TransferTests writes them.

What is done here is what SentEval's validation.py and skip-thoughts' eval_classification.py and eval_trec.py do.
"""
import json, pathlib, sys, warnings

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold, StratifiedKFold

import dataset

tally = dataset.Tally("check_transfer")
check = tally.check


def fit(x, y, strength):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return LogisticRegression(C=strength, solver="newton-cholesky", tol=1e-8, max_iter=200).fit(x, y)


def choose(x, y, folds, strengths, rounded):
    """The best C by some folds of x."""
    means = []
    for strength in strengths:
        scores = [fit(x[train], y[train], strength).score(x[test], y[test]) for train, test in folds]
        means.append(round(100 * np.mean(scores), 2) if rounded else np.mean(scores))
    return strengths[int(np.argmax(means))], means


for folder in map(pathlib.Path, sys.argv[1:]):
    result = json.loads((folder / "result.json").read_text())
    y = np.fromfile(folder / "y.i32", np.int32)
    x = np.fromfile(folder / "x.f32", np.float32).reshape(len(y), -1).astype(np.float64)
    count, senteval = result["train"], result["protocol"] == "senteval"
    has_test = count < len(y)
    if senteval:
        order = np.array(sorted(range(count), key=lambda i: (result["lengths"][i], y[i])))
        split = StratifiedKFold(10, shuffle=True, random_state=1111).split
        strengths = [2.0 ** t for t in (range(-1, 6) if has_test else range(-2, 4))]
    else:
        order = np.arange(count)
        np.random.RandomState(1234).shuffle(order)
        split = KFold(10).split
        strengths = [2.0 ** t for t in range(9)]
    if has_test:
        outer = [(order, np.arange(count, len(y)))]
    else:
        outer = [(order[train], order[test]) for train, test in split(order, y[order])]
    tests = [sorted(test) for _, test in outer]
    check(tests == [sorted(test) for test in result["tests"]], f"{folder.name}: folds differ")
    scores, others = [], 0
    for fold, (train, test) in enumerate(outer):
        folds = list(split(train, y[train]))
        if fold == 0:
            rows = [sorted(train[inner]) for _, inner in folds]
            check(rows == [sorted(test) for test in result["inner_tests"]], f"{folder.name}: inner folds differ")
        strength, means = choose(x[train], y[train], folds, strengths, senteval)
        # A sentence on the border may tip the choice between two that are as good; the accuracy is then that by the same C.
        if result["strengths"][fold] != strength:
            theirs, ours = (means[strengths.index(c)] for c in (strength, result["strengths"][fold]))
            check((theirs - ours) * (1 if senteval else 100) < 0.35, f"{folder.name}: fold {fold}: C {strength}, not ours")
            strength = result["strengths"][fold]
            others += 1
        scores.append(fit(x[train], y[train], strength).score(x[test], y[test]))
    check(others * 3 <= len(outer), f"{folder.name}: {others} of {len(outer)} times C is another")
    difference = 100 * abs(np.mean(scores) - result["accuracy"])
    check(difference <= 0.3, f"{folder.name}: {100 * np.mean(scores):.2f}, not {100 * result['accuracy']:.2f}")
    same = sum(abs(a - b) < 1e-9 for a, b in zip(scores, result["accuracies"]))
    print(f"{folder.name}: {100 * np.mean(scores):.2f} and {100 * result['accuracy']:.2f}, {same} of {len(scores)} folds equal, "
          f"C another in {others}")
tally.close(f"{len(sys.argv) - 1} sets")
