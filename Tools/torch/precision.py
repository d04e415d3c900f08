#!/usr/bin/env python3
"""Gradients of one update in bfloat16 beside those of PyTorch's autocast, both against double precision.

    precision.py CASE.safetensors [--factor 1.5]

CASE is one of parity.py's with one batch, whose gradients are those of `--precision bf16`. Prints a line for each tensor:
the relative error (norms over the whole tensor) of each; exits 1 if one is above PyTorch's own times the factor.
"""
import argparse
import sys

import torch
from safetensors import safe_open

from parity import relative, train


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case")
    parser.add_argument("--factor", type=float, default=1.5)
    arguments = parser.parse_args()
    with safe_open(arguments.case, "pt") as file:
        metadata = file.metadata()
        case = {name: file.get_tensor(name) for name in file.keys()}
    exact = train(case, metadata, torch.float64)["gradient"]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        peer = train(case, metadata, torch.float32)["gradient"]
    good = True
    print(f"{'relative error of the gradient':32} {'cpc-train':>10} {'PyTorch':>10}")
    for name, reference in exact.items():
        mine, theirs = relative(case["gradient." + name], reference), relative(peer[name].float(), reference)
        good = good and mine <= arguments.factor * theirs
        print(f"{name:32} {mine:10.5f} {theirs:10.5f}{'' if mine <= arguments.factor * theirs else '  above'}")
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
