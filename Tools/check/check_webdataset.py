#!/usr/bin/env python3
"""Reads `cpc-cat --webdataset` with the package webdataset and torch, and compares it with the shards.

    check_webdataset.py CPC_SHARD CPC_CAT DATASET

A copy of the dataset gets labels of 300 classes and a number of each utterance. Then every record must be there once, in order, with its samples, its labels (added ones too) and the facts of its utterance;
a torch DataLoader with two workers must deliver the same records. Of a dataset of images, every record must be there as
a PNG with its very pixels and the number of its class; of one of texts, as the sentences that cpc-cat --text gives.
"""
import argparse, json, pathlib, shutil, subprocess, sys, tempfile

import numpy as np
import torch
import webdataset
from safetensors.numpy import load_file

import dataset as files

parser = argparse.ArgumentParser()
for name in ("shard", "cat"):
    parser.add_argument(name)
parser.add_argument("dataset", type=pathlib.Path)
a = parser.parse_args()
tally = files.Tally("check_webdataset")
check = tally.check
temporary = tempfile.TemporaryDirectory()
scratch = pathlib.Path(temporary.name)


def check_other_kind(card):
    """Pictures and texts, as `webdataset` decodes them."""
    tar = scratch / "records.tar"
    with open(tar, "wb") as file:
        check(subprocess.run([a.cat, a.dataset, "--webdataset"], stdout=file).returncode == 0, "exit status")
    lines, groups = files.utterances(a.dataset), files.group_names(a.dataset)
    shards = [load_file(a.dataset / path) for path in files.shards(a.dataset)]
    rows = [(shard, row) for shard in shards for row in range(len(shard["start"]))]
    is_image = card["kind"] == "image"
    classes = card["label_sets"][0]["classes"] if is_image and card.get("label_sets") else []
    texts = subprocess.run([a.cat, a.dataset, "--text"], capture_output=True, check=True).stdout.decode().split("\n") \
        if not is_image else []
    count = sentence = 0
    for sample in webdataset.WebDataset(str(tar), shardshuffle=False).decode("rgb8"):
        (shard, row), facts, what = rows[count], sample["json"], f"record {count}"
        check(facts["record"] == count and facts["id"] == lines[shard["utterance"][row]]["id"]
              and facts["group"] == groups[shard["group"][row]], f"{what}: {json.dumps(facts)}")
        if is_image:
            label = int(shard["label"][row])
            check(np.array_equal(sample["png"], shard["pixels"][row]), f"{what}: pixels")
            check(sample.get("cls") == (None if label == 65535 else label), f"{what}: class {sample.get('cls')}")
            check(facts.get("class") == (None if label == 65535 else classes[label]), f"{what}: {facts.get('class')}")
        else:
            number = int(shard["valid"][row])
            expected = "".join(line + "\n" for line in texts[sentence:sentence + number])
            check(sample["txt"] == expected, f"{what}: {sample['txt']!r}")
            sentence += number
        count += 1
    check(count == len(rows), f"{count} records, the shards have {len(rows)}")
    tally.close(f"{count} records of the kind {card['kind']}")


if files.card(a.dataset).get("kind", "audio") != "audio":
    check_other_kind(files.card(a.dataset))
    sys.exit()
folder = scratch / "d"
shutil.copytree(a.dataset, folder)
lines, groups = files.utterances(folder), files.group_names(folder)
with open(scratch / "cells.jsonl", "w") as file:
    for line in lines[1:]:
        cells = [t * t % 300 for t in range(-(-line["samples"] // 160))]
        file.write(json.dumps({"id": line["id"], "cells": cells}) + "\n")
(scratch / "wide.txt").write_text("".join(f"{i}\n" for i in range(300)))
for options in ([f"wide={scratch}/cells.jsonl", "--phone-set", scratch / "wide.txt"],
                ["total=key:samples"]):
    check(subprocess.run([a.shard, "add", folder, *options, "--quiet"]).returncode == 0, f"cpc-shard add {options[0]}")
card = files.card(folder)
overlays = card.get("overlays", [])
labels = {o["name"]: o for o in overlays if "classes" in o}
shards = [load_file(folder / path) for path in files.shards(folder)]
planes = {o["name"]: [load_file(folder / p.replace(".safetensors", f".{o['name']}.safetensors"))[o["name"]]
                      for p in files.shards(folder)] for o in overlays}
rows = [(s, r) for s, shard in enumerate(shards) for r in range(len(shard["samples"]))]
has_phones = any((shard["phones"] != 255).any() for shard in shards)
wanted_fields = {"samples.npy", "json"} | {f"{n}.npy" for n in labels} | ({"phones.npy"} if has_phones else set())


def check_record(sample, number):
    s, row = rows[number]
    shard, facts = shards[s], sample["json"]
    line = lines[shard["utterance"][row]]
    what = f"record {number}"
    check({k for k in sample if not k.startswith("__")} == wanted_fields, f"{what}: fields {sorted(sample)}")
    check(sample["__key__"] == f"{line['id']}-{shard['start'][row] // 20480}", f"{what}: key {sample['__key__']}")
    check(sample["samples.npy"].dtype == np.int16 and np.array_equal(sample["samples.npy"], shard["samples"][row]),
          f"{what}: samples")
    if has_phones:
        check(np.array_equal(sample["phones.npy"], shard["phones"][row]), f"{what}: phones")
    for name in labels:
        values = planes[name][s][row]
        check(sample[f"{name}.npy"].dtype == values.dtype and np.array_equal(sample[f"{name}.npy"], values),
              f"{what}: {name}")
    expected = {"record": number, "id": line["id"], "group": groups[shard["group"][row]],
                "start": int(shard["start"][row]), "valid": int(shard["valid"][row])}
    expected |= {key: line[key] for key in ("session", "text") if key in line}
    for o in overlays:
        if o["name"] not in labels:
            value = int(planes[o["name"]][s][row])
            expected[o["name"]] = None if value == o["none"] else value
    check(facts == expected, f"{what}: {json.dumps(facts)}")


tar = scratch / "records.tar"
for _ in range(2):
    previous = tar.read_bytes() if tar.exists() else None
    with open(tar, "wb") as file:
        check(subprocess.run([a.cat, folder, "--webdataset"], stdout=file).returncode == 0, "exit status")
check(tar.read_bytes() == previous, "two runs give different bytes")
count = 0
for sample in webdataset.WebDataset(str(tar), shardshuffle=False).decode():
    if count < len(rows):
        check_record(sample, count)
    count += 1
check(count == len(rows), f"{count} records, the shards have {len(rows)}")

# Two archives for two workers, as tensors.
half = len(rows) // 2
for part, records in enumerate([f"0-{half - 1}", f"{half}-{len(rows) - 1}"]):
    with open(f"{scratch}/part-{part}.tar", "wb") as file:
        check(subprocess.run([a.cat, folder, "--webdataset", "--record", records], stdout=file).returncode == 0,
              f"exit status of records {records}")
parts = webdataset.WebDataset(f"{scratch}/part-{{0..1}}.tar", shardshuffle=False).decode("torch")
loader = torch.utils.data.DataLoader(
    parts.to_tuple("samples.npy", "json").map_tuple(torch.as_tensor, lambda facts: facts["record"]).batched(8),
    num_workers=2, batch_size=None)
seen = {}
for samples, numbers in loader:
    for row, number in zip(samples, numbers):
        seen[int(number)] = int(row.long().abs().sum())
expected = {n: int(np.abs(shards[s]["samples"][r].astype(np.int64)).sum()) for n, (s, r) in enumerate(rows)}
check(seen == expected, f"DataLoader: {len(seen)} records")
tally.close(f"{len(rows)} records, {1 + has_phones + len(labels)} arrays each")
