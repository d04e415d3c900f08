#!/usr/bin/env python3
"""Repeats in PyTorch what a test of the Swift trainer did, and compares.

    parity.py CASE.safetensors [--tolerance 1e-4]

CASE holds `input` [updates, windows, samples], the parameters before (`before.NAME`), the first update's gradients
(`gradient.NAME`), the parameters after all updates (`after.NAME`) and `losses` [updates, steps]; metadata: channels,
context, steps_ahead, pool, learning_rate. Prints the largest relative error of each kind, norms over whole tensors, in
single and in double precision; exits 1 if one is above the tolerance.
"""
import argparse
import json
import sys

import torch
from safetensors import safe_open

import cpc_torch


def relative(mine, reference):
    mine, reference = mine.double(), reference.double()
    norm = reference.norm()
    return float((mine - reference).norm() / norm) if norm > 0 else float(mine.norm())


def compare(case, metadata, dtype):
    model = cpc_torch.CPC(int(metadata["channels"]), int(metadata["context"]), int(metadata["steps_ahead"])).to(dtype)
    names = [name for name, _ in model.named_parameters()]
    expected = {key[len("before."):] for key in case if key.startswith("before.")}
    assert set(names) == expected, f"parameter names differ: {set(names) ^ expected}"
    model.load_state_dict({name: case["before." + name].to(dtype) for name in names})
    optimiser = torch.optim.Adam(model.parameters(), lr=float(metadata["learning_rate"]))
    worst = dict(loss=0.0, gradient=0.0, parameters=0.0)
    for update, samples in enumerate(case["input"]):
        losses = torch.stack(model.info_nce(*model(samples.to(dtype)), metadata["pool"]))
        worst["loss"] = max(worst["loss"], relative(case["losses"][update], losses.detach()))
        optimiser.zero_grad()
        losses.mean().backward()
        if update == 0:
            for name, parameter in model.named_parameters():
                worst["gradient"] = max(worst["gradient"], relative(case["gradient." + name], parameter.grad))
        optimiser.step()
    for name, parameter in model.named_parameters():
        worst["parameters"] = max(worst["parameters"], relative(case["after." + name], parameter.detach()))
    return worst


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case")
    parser.add_argument("--tolerance", type=float, default=1e-4)
    arguments = parser.parse_args()
    with safe_open(arguments.case, "pt") as file:
        metadata = file.metadata()
        case = {name: file.get_tensor(name) for name in file.keys()}
    errors = {str(dtype).removeprefix("torch."): compare(case, metadata, dtype)
              for dtype in (torch.float32, torch.float64)}
    print(json.dumps(errors))
    good = all(error < arguments.tolerance for kind in errors.values() for error in kind.values())
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
