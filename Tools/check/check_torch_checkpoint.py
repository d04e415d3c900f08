#!/usr/bin/env python3
"""Checks that Tools/torch and cpc-train take each other's checkpoints, and make the same of the same data.

    check_torch_checkpoint.py CPC_TRAIN DATASET

For each strategy cpc-train makes three updates of a small model. PyTorch goes on from the checkpoint of the second one,
with the batch that its own sampler says: it must come to the loss that cpc-train logged and to the third checkpoint.
Written by PyTorch, the second one is then put in the place of cpc-train's, which must resume to the same third one.
"""
import json, os, pathlib, subprocess, sys, tempfile

import torch
from safetensors.torch import load_file
from torch.utils.data import DataLoader

import dataset

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "torch"))
import cpc_tools

tool, folder = sys.argv[1], sys.argv[2]
tally = dataset.Tally("check_torch_checkpoint")
check = tally.check

# strategy, --num-negatives, other flags
RUNS = [
    ("mixed-speaker", None, {}),
    ("same-speaker", 20, {"normalisation": "channel", "crop": "random"}),
    ("mixed-speaker-excl", 128, {"score": "cosine", "temperature": 0.2, "accumulate": 3}),
    ("same-speaker-excl", None, {"score": "mean", "input": "window", "window": 30720}),
    ("current-sequence", 7, {"input": "raw", "clip": 0.05, "seed": 2**63 + 5}),
]


def relative(mine, reference):
    return float((mine - reference).norm() / reference.norm().clamp_min(1e-30))


def train(run, *flags):
    subprocess.run([tool, folder, "-o", run, "--quiet", *map(str, flags)], check=True, stdout=subprocess.DEVNULL,
                   env={name: value for name, value in os.environ.items() if not name.startswith("OPENBLAS_")})


def same(first, second):
    """Whether two checkpoints hold the same bits and say the same; their digests see the order of the headers, too."""
    a, b = load_file(first), load_file(second)
    said = [{key: json.loads(value) if value.startswith("{") else value
             for key, value in cpc_tools.read_metadata(path).items() if key != "cpc.digest"}
            for path in (first, second)]
    cpc_tools.check(first)
    cpc_tools.check(second)
    said[0]["cpc.gain"], said[1]["cpc.gain"] = (float(facts["cpc.gain"]) for facts in said)
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a) and said[0] == said[1]


def next_update(path, strategy, negatives, options):
    """The model after one more update than the checkpoint has, and that update's loss."""
    facts = cpc_tools.read_metadata(path)
    config = json.loads(facts["cpc.config"])
    crop, seed, accumulate = options.get("crop") == "random", config["seed"], config["accumulate"]
    training, held_out = cpc_tools.divide(folder, seed=seed, window=config["window"], crop=crop)
    model = cpc_tools.load(path).train()
    digests = dict(dataset=training.dataset.digest, samples=training.dataset.samples_digest,
                   training_utterances=training.digest, held_out_utterances=held_out.digest)
    for key, digest in digests.items():
        check(facts[f"cpc.{key}"] == digest, f"{strategy}: digest {key} differs")
    if model.input == "gain":
        check(abs(training.gain() / model.gain - 1) < 1e-6, f"{strategy}: gain {training.gain()}, not {model.gain}")
    optimizer = torch.optim.Adam(model.parameters(), lr=config["learning_rate"])
    start = cpc_tools.load_optimizer(optimizer, model, path)
    sampler = cpc_tools.PlanSampler(training, strategy, config["batch"], seed, accumulate=accumulate, start=start,
                                   updates=start + 1)
    losses = []
    for step, batch in enumerate(DataLoader(training, batch_sampler=sampler)):
        z, c = model(model.scale(batch["samples"]))
        loss = torch.stack(model.info_nce(z, c, strategy, num_negatives=negatives, seed=seed,
                                          batch=sampler.number(start, step))).mean()
        (loss / accumulate).backward()
        losses.append(float(loss.detach()))
    if config["clip"]:
        torch.nn.utils.clip_grad_norm_(model.parameters(), config["clip"])
    optimizer.step()
    return model, optimizer, sum(losses) / len(losses)


def compare(strategy, negatives, options):
    with tempfile.TemporaryDirectory() as scratch:
        run, copy = f"{scratch}/run", f"{scratch}/copy.safetensors"
        # A large rate, so that losses are far from chance, where every model looks alike.
        flags = ["--negatives", strategy, "--num-negatives", negatives or "all", "--channels", 24, "--context", 20,
                 "--steps-ahead", 4, "--learning-rate", 1e-2, "--log-every", 1, "--checkpoint-every", 1, "--keep", 9,
                 "--valid-every", 0, "--threads", 1]
        for name, value in options.items():
            flags += [f"--{name.replace('_', '-')}", value]
        train(run, *flags, "--updates", 3)
        second, third = (f"{run}/checkpoints/{update:07d}.safetensors" for update in (2, 3))
        log = [json.loads(line) for line in pathlib.Path(f"{run}/log.jsonl").read_text().splitlines()]
        logged = {line["update"]: line["loss"] for line in log if line["type"] == "train"}

        model, optimizer, loss = next_update(second, strategy, negatives, options)
        check(abs(loss - logged[3]) < 1e-4, f"{strategy}: loss {loss}, cpc-train logged {logged[3]}")
        reference = load_file(third)
        for name, parameter in model.named_parameters():
            error = relative(parameter.detach(), reference[name])
            check(error < 1e-4, f"{strategy}: {name} is off by {error} after an update")
            for kind in ("exp_avg", "exp_avg_sq"):
                error = relative(optimizer.state[parameter][kind], reference[f"optimizer.{kind}.{name}"])
                check(error < 1e-3, f"{strategy}: {kind} of {name} is off by {error} after an update")

        # Loaded and written again.
        facts = cpc_tools.read_metadata(second)
        model = cpc_tools.load(second)
        optimizer = torch.optim.Adam(model.parameters())
        update = cpc_tools.load_optimizer(optimizer, model, second)
        digests = ("dataset", "samples", "training_utterances", "held_out_utterances")
        cpc_tools.save(model, copy, update, optimizer, json.loads(facts["cpc.config"]),
                       {key: facts[f"cpc.{key}"] for key in digests}, json.loads(facts["cpc.state"]))
        check(same(second, copy), f"{strategy}: a checkpoint written again differs")
        kept = pathlib.Path(third).rename(f"{scratch}/third.safetensors")
        pathlib.Path(copy).replace(second)
        latest = pathlib.Path(run) / "latest"
        latest.write_text(latest.read_text().replace("0000003", "0000002"))
        train(run, *flags, "--updates", 3, "--resume")
        timing = [json.loads(line) for line in pathlib.Path(f"{run}/timing.jsonl").read_text().splitlines()]
        check([line["update"] for line in timing if line["type"] == "environment"] == [0, 2],
              f"{strategy}: cpc-train did not go on from update 2")
        check(same(kept, third), f"{strategy}: cpc-train comes to another end from PyTorch's checkpoint")


for strategy, negatives, options in RUNS:
    compare(strategy, negatives, options)
tally.close()
