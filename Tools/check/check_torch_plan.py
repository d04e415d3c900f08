#!/usr/bin/env python3
"""Checks that Tools/torch takes the windows that `cpc-inspect plan` says, in the same batches, and the same negatives.

    check_torch_plan.py CPC_INSPECT DATASET

For each strategy, several seeds, updates, workers, crops and DataLoader processes; the samples of what DataLoader gives
are compared with the shards, read on their own.
"""
import itertools, json, pathlib, subprocess, sys

import numpy as np
import torch
from safetensors.numpy import load_file
from torch.utils.data import DataLoader

import dataset

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "torch"))
import cpc_tools

inspect, folder = sys.argv[1], sys.argv[2]
tally = dataset.Tally("check_torch_plan")
check = tally.check
SEEDS = (1, 2**63 + 12345)


def plan(*flags):
    """What `cpc-inspect plan` says: its head and a list of batches."""
    command = [inspect, "plan", "--json", *map(str, flags)]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    head, *batches = [json.loads(line) for line in output.splitlines()]
    return head, batches


def origins(windows, batch):
    """A batch of the sampler as `cpc-inspect plan` lists it."""
    rows = []
    for item in batch:
        row = windows[item]
        rows.append(dict(record=row["record"], utterance=windows.dataset.ids[row["utterance"]],
                         speaker=windows.dataset.groups[row["group"]], start=row["start"]))
    return rows


def compare(title, strategy, seed, worlds, batch=8, accumulate=1, crop=False, window=20480, **division):
    """Every rank of every world at several updates; resumed there, not counted up to it."""
    flags = ["--negatives", strategy, "--seed", seed, "--batch", batch, "--accumulate", accumulate, "--window", window,
             "--crop", "random" if crop else "none"]
    names = dict(split="--split-name", valid_part="--valid-split", valid_fraction="--valid-fraction")
    for name, value in division.items():
        flags += [names[name], value]
    windows, held_out = cpc_tools.divide(folder, seed=seed, batch=batch, window=window, crop=crop, **division)
    head, _ = plan(folder, *flags)
    check(head["training_windows"] == len(windows) and head["held_out_windows"] == (len(held_out) if held_out else 0),
          f"{title}: {len(windows)} windows to train on, cpc-inspect says {head}")
    for world in worlds:
        for rank in range(world):
            sampler = cpc_tools.PlanSampler(windows, strategy, batch, seed, rank, world, accumulate)
            check(sampler.plan.per_epoch == head["batches_per_epoch"], f"{title}: batches of an epoch")
            last = max(1, sampler.plan.per_epoch // (world * accumulate))
            # The first two; across the end of an epoch; far away.
            for first, end in ((1, 2), (max(1, last - 1), last + 2), (10**6, 10**6 + 1)):
                expected = plan(folder, *flags, "--rank", rank, "--ranks", world, "--updates", f"{first}-{end}")[1]
                sampler.seek(first - 1)
                sampler.updates = end
                batches = list(sampler)
                check(len(batches) == len(expected) == len(sampler) and
                      all(origins(windows, mine) == theirs["windows"] for mine, theirs in zip(batches, expected)),
                      f"{title}, rank {rank} of {world}, updates {first}-{end}: the batches differ")
                numbers = [sampler.number(u, s) for u in range(first - 1, end) for s in range(accumulate)]
                check(numbers == [theirs["batch"] for theirs in expected], f"{title}: numbers of batches differ")


def read_utterances():
    """Samples and phones of each utterance, from the shards alone."""
    parts = {}
    for name in dataset.shards(folder):
        planes = load_file(pathlib.Path(folder) / name)
        for row, utterance in enumerate(planes["utterance"]):
            parts.setdefault(int(utterance), []).append((planes["samples"][row], planes["phones"][row]))
    return {utterance: [np.concatenate(planes) for planes in zip(*rows)] for utterance, rows in parts.items()}


def compare_loader(strategy, workers, crop, context, utterances):
    """What DataLoader gives, in which order, across the end of an epoch."""
    windows, _ = cpc_tools.divide(folder, crop=crop)
    sampler = cpc_tools.PlanSampler(windows, strategy, rank=1, world=2)
    sampler.seek(sampler.plan.per_epoch // 2 - 2)
    sampler.updates = sampler.start + 5
    flags = ["--negatives", strategy, "--rank", 1, "--ranks", 2, "--crop", "random" if crop else "none",
             "--updates", f"{sampler.start + 1}-{sampler.updates}"]
    expected = plan(folder, *flags)[1]
    loader = DataLoader(windows, batch_sampler=sampler, num_workers=workers, multiprocessing_context=context)
    title = f"DataLoader, {workers} workers ({context}), {strategy}, crop {crop}"
    count = 0
    for mine, theirs in itertools.zip_longest(loader, expected):
        check(mine["record"].tolist() == [row["record"] for row in theirs["windows"]]
              and mine["start"].tolist() == [row["start"] for row in theirs["windows"]],
              f"{title}: batch {count} differs")
        check(mine["samples"].dtype == torch.int16, f"{title}: samples are {mine['samples'].dtype}")
        for i, utterance in enumerate(mine["utterance"].tolist()):
            samples, phones = utterances[utterance]
            start = int(mine["start"][i])
            check(np.array_equal(mine["samples"][i], samples[start:start + 20480])
                  and np.array_equal(mine["phones"][i], phones[start // 160:start // 160 + 128]),
                  f"{title}: window {i} of batch {count} is not what the shards hold")
        count += 1
    check(count == 5, f"{title}: {count} batches")


def compare_negatives(strategy, seed, batch, frames, step, count, update, rank):
    flags = ["--negatives", strategy, "--seed", seed, "--batch", batch, "--frames", frames, "--step", step,
             "--num-negatives", count, "--update", update, "--rank", rank, "--ranks", 3]
    mask, _ = plan("--mask", *flags)
    anchor = mask["window"] * frames + mask["frame"]
    # Among others, as in training.
    anchors = torch.tensor([0, anchor, mask["window"] * frames])
    number = (update - 1) * 3 + rank
    drawn = cpc_tools.draw_negatives(strategy, batch, frames, count, seed, number, anchors, step)
    check(drawn[1].tolist() == mask["latents"], f"negatives differ: {' '.join(map(str, flags))}")


def main():
    for strategy, seed, crop in itertools.product(cpc_tools.ONE_SPEAKER, SEEDS, (False, True)):
        compare(f"{strategy}, seed {seed}, crop {crop}", strategy, seed, (1, 2, 3, 8), crop=crop)
    everything, _ = cpc_tools.divide(folder, valid_fraction=0)
    largest = int(np.bincount(everything.groups).max())
    for strategy in ("mixed-speaker", "same-speaker"):
        # Speakers with too few windows are left out; the largest has one batch.
        compare(f"{strategy}, batches of {largest}", strategy, 7, (1,), batch=largest, valid_fraction=0)
        for batch, accumulate, window in ((1, 1, 20480), (5, 4, 20480), (8, 2, 16000), (3, 1, 30770)):
            compare(f"{strategy}, batches of {batch}, {accumulate} an update, windows of {window}", strategy, 7, (1, 2),
                    batch=batch, accumulate=accumulate, window=window, crop=True)
        for fraction in (0, 0.3, 0.7):
            compare(f"{strategy}, share {fraction}", strategy, 3, (1,), valid_fraction=fraction)
        for name in cpc_tools.Dataset(folder).split_names:
            compare(f"{strategy}, split {name}", strategy, 3, (1,), split=name)
    utterances = read_utterances()
    for strategy, workers, crop in itertools.product(cpc_tools.ONE_SPEAKER, (0, 2), (False, True)):
        compare_loader(strategy, workers, crop, "fork" if workers else None, utterances)
    compare_loader("same-speaker", 2, True, "spawn", utterances)
    for strategy, seed in itertools.product(cpc_tools.ONE_SPEAKER, SEEDS):
        pool = cpc_tools.POOLS[strategy]
        most = {"batch": 8 * 32 - 1, "other_windows": 7 * 32, "own_window": 31}[pool]
        for frames, step, count, update, rank in (
                (32, 3, 1, 1, 0), (128, 12, 20, 1, 1), (128, 1, 127, 10**6, 2), (20, 18, 7, 5, 0), (33, 4, 32, 77, 1),
                (32, 3, most, 1, 0), (32, 3, most - 1, 2, 0)):
            count = min(count, {"batch": 8 * frames - 1, "other_windows": 7 * frames, "own_window": frames - 1}[pool])
            compare_negatives(strategy, seed, 8, frames, step, count, update, rank)
    tally.close()


if __name__ == "__main__":  # a spawned worker imports this file
    main()
