#!/usr/bin/env python3
"""Windows that PyTorch's DataLoader gives for a second of CPU time: of a dataset through cpc_tools, all its planes; beside
NumPy copying rows of the samples alone from the memory map (the ceiling), and webdataset, where it is installed and there
are its tars.

    python loader_peers.py DATASET [--tars FOLDER] [--batch 8] [--workers 0] [--windows 16384] [--rounds 3] [--package DIR]

Mixed batches in the order of cpc-train; the page cache is warm, PyTorch calculates on one thread, CPU time is that of the
process and its workers. Rounds alternate; the best of each counts. --package is the folder of cpc_tools.
"""
import argparse, glob, itertools, json, pathlib, resource, sys

import numpy as np
import torch
from torch.utils.data import DataLoader

parser = argparse.ArgumentParser()
parser.add_argument("dataset")
parser.add_argument("--tars")
parser.add_argument("--package", default=str(pathlib.Path(__file__).resolve().parents[1] / "torch"))
for name, default in dict(batch=8, workers=0, windows=16384, rounds=3).items():
    parser.add_argument(f"--{name}", type=int, default=default)
a = parser.parse_args()
torch.set_num_threads(1)
sys.path.insert(0, a.package)
import cpc_tools


def seconds():
    return sum(usage.ru_utime + usage.ru_stime
               for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


windows = cpc_tools.divide(a.dataset, batch=a.batch)[0]
maps = [planes["samples"] for planes in windows.dataset.shards]


def loader(round):
    updates = a.windows // a.batch
    sampler = cpc_tools.PlanSampler(windows, batch=a.batch, start=round * updates, updates=(round + 1) * updates)
    return (len(batch["samples"]) for batch in DataLoader(windows, batch_sampler=sampler, num_workers=a.workers))


def memory_map(round):
    order = np.random.default_rng(round)
    for _ in range(a.windows // a.batch):
        plane = maps[order.integers(len(maps))]
        yield len(plane[order.integers(len(plane), size=a.batch)])


def tars(round):
    import webdataset
    urls = sorted(glob.glob(f"{a.tars}/*.tar"))
    pipeline = webdataset.WebDataset(urls, shardshuffle=False).repeat().shuffle(2000).decode().to_tuple("npy")
    batches = DataLoader(pipeline.batched(a.batch), batch_size=None, num_workers=a.workers)
    return (len(batch[0]) for batch in itertools.islice(batches, a.windows // a.batch))


peers = {"cpc_tools": loader, "numpy memory map, samples alone": memory_map}
if a.tars:
    peers["webdataset"] = tars
best = {}
for round in range(a.rounds):
    for name, peer in peers.items():
        if round == 0:  # pages, imports
            for _ in itertools.islice(peer(0), 50):
                pass
        start, count = seconds(), sum(peer(round))
        best[name] = max(best.get(name, 0), count / (seconds() - start))
for name, rate in best.items():
    planes = dict(planes=[one[0] for one in windows.layout]) if name == "cpc_tools" else {}
    print(json.dumps(dict(peer=name, windows_per_cpu_s=int(rate), batch=a.batch, workers=a.workers, **planes)))
