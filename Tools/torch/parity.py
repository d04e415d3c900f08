#!/usr/bin/env python3
"""Repeats in PyTorch what a test of the Swift trainer did, and compares.

    parity.py CASE.safetensors [--tolerance 1e-4]

CASE holds `input` [batches, windows, numbers], the parameters before (`before.NAME`), the first batch's gradients
(`gradient.NAME`), the parameters after all updates (`after.NAME`) and `losses` [batches, steps]; metadata: channels,
context, steps_ahead, pool, learning_rate, and where they are not the default normalisation, score, temperature,
accumulate (batches an update) and clip. A model of images has its settings as `config`, and what its checkpoints say beside;
one of texts kind, words, sentences, sentence_words, embedding and kernel, and the vectors of words are trained with
SparseAdam. With `drawn` [batches, steps, anchors, negatives] these negatives alone count.

Prints, for PyTorch in single and in double precision, the largest relative error of each kind (norms over whole
tensors) and where it is; exits 1 if one is above its limit. The limit is the tolerance, or twice the difference between
PyTorch's own two precisions where that is larger. Parameters after several updates are compared as one vector: a value
within rounding of zero before a rectifier switches one unit on or off for a frame, and Adam gives every weight a step of
the same size, so single units of a small tensor take other paths, in PyTorch's two precisions as well.
"""
import argparse
import json
import sys

import torch
from safetensors import safe_open

import cpc_tools


def make_model(metadata):
    """The model of a case."""
    if "config" in metadata:
        config = json.loads(metadata["config"])
        return cpc_tools.Contrastive.kinds[config["model"]].build(config, metadata)
    settings = dict(normalisation=metadata.get("normalisation", "none"), score=metadata.get("score", "sum"),
                    temperature=float(metadata.get("temperature", 1)))
    sizes = ["channels", "context", "steps_ahead"]
    if metadata.get("kind", "audio") == "audio":
        return cpc_tools.AudioCPC(**{name: int(metadata[name]) for name in sizes}, **settings)
    sizes += ["words", "sentences", "sentence_words", "embedding", "kernel"]
    return cpc_tools.TextCPC(**{name: int(metadata[name]) for name in sizes}, **settings, sparse=True)


def forward(model, numbers, dtype):
    """z and c of a batch whose numbers are as cpc-train has them."""
    if model.kind != "text":
        return model(numbers.to(dtype))
    ids = model.sentences * model.sentence_words
    return model(numbers[:, :ids].long().unflatten(1, (model.sentences, model.sentence_words)), numbers[:, ids:].long())


def dense(tensor):
    return tensor.to_dense() if tensor.is_sparse else tensor


def train(case, metadata, dtype):
    """Losses, first gradients and final parameters, each a dictionary of tensors."""
    model = make_model(metadata).to(dtype)
    names = [name for name, _ in model.named_parameters()]
    given = {key[len("before."):] for key in case if key.startswith("before.")}
    assert set(names) == given, f"parameter names differ: {set(names) ^ given}"
    model.load_state_dict({name: case["before." + name].to(dtype) for name in names})
    rate = float(metadata["learning_rate"])
    optimisers = model.optimizers(rate) if model.kind == "text" else [torch.optim.Adam(model.parameters(), lr=rate)]
    losses, gradients = {}, {}
    accumulate, clip = int(metadata.get("accumulate", 1)), float(metadata.get("clip", 0))
    for batch, numbers in enumerate(case["input"]):
        drawn = case["drawn"][batch] if "drawn" in case else None
        loss = torch.stack(model.info_nce(*forward(model, numbers, dtype), metadata["pool"], drawn))
        losses[f"batch {batch + 1}"] = loss.detach()
        (loss.mean() / accumulate).backward()
        if batch == 0:
            gradients = {name: accumulate * dense(parameter.grad) for name, parameter in model.named_parameters()}
        if (batch + 1) % accumulate == 0:
            if clip:
                torch.nn.utils.clip_grad_norm_(model.parameters(), clip)
            for optimiser in optimisers:
                optimiser.step()
                optimiser.zero_grad()
    return dict(loss=losses, gradient=gradients, **after(case, {
        name: parameter.detach() for name, parameter in model.named_parameters()}))


def after(case, parameters):
    """What is compared of the parameters after all updates. A table of words is so much larger than what updates do to it
    that it would hide everything else: so the changes are compared, too."""
    changes = {name: value.double() - case["before." + name].double() for name, value in parameters.items()}
    table = {name: changes.pop(name) for name in list(changes) if name.startswith("embedding.")}
    return dict(parameters=parameters, **({"changes of words": table, "changes of others": changes} if table else {}))


def swift(case):
    """The same of the case itself."""
    def with_prefix(prefix):
        return {name[len(prefix):]: value for name, value in case.items() if name.startswith(prefix)}
    losses = {f"batch {batch + 1}": loss for batch, loss in enumerate(case["losses"])}
    return dict(loss=losses, gradient=with_prefix("gradient."), **after(case, with_prefix("after.")))


def relative(mine, reference):
    difference, reference = mine.double() - reference.double(), reference.double()
    norm = reference.norm()
    return float(difference.norm() / norm) if norm > 0 else float(difference.norm())


def compared(kind, tensors):
    """What is compared as one: each loss and gradient by itself, the parameters as the one vector that they are."""
    if kind in ("loss", "gradient"):
        return tensors
    return {"all": torch.cat([tensors[name].double().flatten() for name in sorted(tensors)])}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case")
    parser.add_argument("--tolerance", type=float, default=1e-4)
    arguments = parser.parse_args()
    with safe_open(arguments.case, "pt") as file:
        metadata = file.metadata()
        case = {name: file.get_tensor(name) for name in file.keys()}
    mine = swift(case)
    # On one thread, PyTorch 2.13 with oneDNN corrupts its memory where images' convolutions have few channels.
    with torch.backends.mkldnn.flags(enabled="config" not in metadata):
        peers = dict(single=train(case, metadata, torch.float32), double=train(case, metadata, torch.float64))
    good, report = True, {}
    for precision, peer in peers.items():
        for kind, tensors in peer.items():
            worst = (0.0, "")
            mine_compared, single, double = (compared(kind, {name: t[kind][name] for name in tensors})
                                             for t in (mine, peers["single"], peers["double"]))
            for name, reference in compared(kind, tensors).items():
                error = relative(mine_compared[name], reference)
                own = relative(single[name], double[name])
                good = good and error < max(arguments.tolerance, 2 * own)
                worst = max(worst, (error, name))
            report[f"{kind}, {precision}"] = worst
    print(json.dumps(report))
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
