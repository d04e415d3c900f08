#!/usr/bin/env python3
"""Loads a checkpoint of cpc-train into plain PyTorch and compares its latents and contexts with those given.

    check_checkpoint.py CHECKPOINT FEATURES [--tolerance 1e-4]

FEATURES is a safetensors file with `samples` (int16 [windows, samples]), or of another kind of model `input` (float32
[windows, numbers], what cpc-train made of windows), and `z` and `c` (float32 [windows, frames, …]).
Prints the relative errors over all windows and the largest of a single frame; exits 1 if one is above the tolerance.
"""
import argparse
import json
import sys

import torch
from safetensors.torch import load_file

import cpc_tools
import parity


def errors(mine, reference):
    difference = (mine - reference).norm(dim=-1)
    size = reference.norm(dim=-1)
    return dict(relative=float((mine - reference).norm() / reference.norm()),
                worst_frame=float((difference / size.clamp_min(1e-3 * float(size.mean()))).max()))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint")
    parser.add_argument("features")
    parser.add_argument("--tolerance", type=float, default=1e-4)
    arguments = parser.parse_args()
    model = cpc_tools.load(arguments.checkpoint)
    features = load_file(arguments.features)
    with torch.no_grad():
        numbers = features["input"] if "input" in features else model.scale(features["samples"])
        z, c = parity.forward(model, numbers, torch.float32)
    assert z.shape == features["z"].shape and c.shape == features["c"].shape, (z.shape, c.shape)
    result = dict(windows=len(numbers), z=errors(features["z"], z), c=errors(features["c"], c))
    print(json.dumps(result))
    good = all(value < arguments.tolerance for kind in (result["z"], result["c"]) for value in kind.values())
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
