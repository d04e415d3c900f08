#!/usr/bin/env python3
"""Checks linear probes against scikit-learn's LogisticRegression on the same frames.

    check_probe.py FOLDER...

A folder holds x.f32 and y.i32, frames and their classes; test.u8, which of them are for the test; and probe.json: l2,
standardized, classes, weights [classes, features] and intercepts for features as they come, and the objective and the
accuracy on the test frames that the probe gives itself. ProbesTests writes them.
"""
import json, pathlib, sys, warnings

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

import dataset

tally = dataset.Tally("check_probe")
check = tally.check


def objective(x, y, weights, intercepts, l2):
    """Mean cross-entropy and penalty, and the classes that are predicted, in double precision."""
    scores = x @ weights.T + intercepts
    scores -= scores.max(axis=1, keepdims=True)
    losses = np.log(np.exp(scores).sum(axis=1)) - scores[np.arange(len(y)), y]
    return losses.mean() + l2 / 2 * (weights ** 2).sum(), scores.argmax(axis=1)


def fit(x, y, l2, **settings):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return LogisticRegression(C=1 / (l2 * len(y)), **settings).fit(x, y)


for folder in map(pathlib.Path, sys.argv[1:]):
    probe = json.loads((folder / "probe.json").read_text())
    y = np.fromfile(folder / "y.i32", np.int32)
    x = np.fromfile(folder / "x.f32", np.float32).reshape(len(y), -1).astype(np.float64)
    test = np.fromfile(folder / "test.u8", np.uint8) == 1
    l2, names = probe["l2"], np.array(probe["classes"])
    # What the probe says of itself, from its weights.
    weights, intercepts = np.array(probe["weights"]), np.array(probe["intercepts"])
    scaler = StandardScaler().fit(x[~test])
    if probe["standardized"]:
        intercepts = intercepts + weights @ scaler.mean_
        weights = weights * scaler.scale_
        x = scaler.transform(x)
    places = np.searchsorted(names, y[~test])
    ours, _ = objective(x[~test], places, weights, intercepts, l2)
    _, predicted = objective(x[test], np.zeros(test.sum(), int), weights, intercepts, l2)
    accuracy = (names[predicted] == y[test]).mean()
    check(abs(ours / probe["objective"] - 1) < 1e-3, f"{folder.name}: objective {probe['objective']}, its weights' {ours}")
    # The probe itself is fitted from what was chosen on its dev part, so it may end elsewhere within the tolerance.
    check(abs(accuracy - probe["accuracy"]) <= 0.003, f"{folder.name}: accuracy {probe['accuracy']}, its weights' {accuracy}")
    # scikit-learn: its default, and the solver that gets furthest.
    for title, settings in [("lbfgs", {}), ("newton-cholesky", dict(solver="newton-cholesky", tol=1e-9, max_iter=200))]:
        theirs = fit(x[~test], y[~test], l2, **settings)
        value, _ = objective(x[~test], places, theirs.coef_, theirs.intercept_, l2)
        score = theirs.score(x[test], y[test])
        print(f"{folder.name}: objective {ours:.6f}, scikit-learn's {title} {value:.6f}; accuracy {accuracy:.4f}, {score:.4f}")
        check(ours < value * 1.001, f"{folder.name}: objective {ours}, {title} {value}")
        # Accuracies are to be compared where scikit-learn has converged, too.
        if value < ours * 1.001:
            check(abs(accuracy - score) <= 0.003, f"{folder.name}: accuracy {accuracy}, {title} {score}")
tally.close(f"{len(sys.argv) - 1} probes")
