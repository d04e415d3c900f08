#!/usr/bin/env python3
"""Checks a dataset against the corpus that it was made from, with other people's readers.

    check_shards.py DATASET CORPUS_FOLDER

Every shard opens with safetensors for numpy and torch; for every utterance the samples put together from its records
equal what soundfile decodes, bit for bit; layout, alignment, checksums, digests and index are as documented.
"""
import pathlib, sys

import numpy as np
import soundfile
import xxhash
from safetensors.numpy import load_file
from safetensors.torch import load_file as load_torch_file

import dataset

folder, corpus = map(pathlib.Path, sys.argv[1:3])
tally = dataset.Tally("check_shards")
check = tally.check
card = dataset.card(folder)
lines = dataset.utterances(folder)
names = dataset.group_names(folder)
tail = card["record"]["tail"]


def check_card():
    """Every file is listed with its size and digests; the card's last line seals the bytes before it."""
    text = (folder / "dataset.json").read_bytes()
    body, _, seal = text.rpartition(b'  "digest": "')
    check(seal == xxhash.xxh3_128_hexdigest(body).encode() + b'"\n}\n', "dataset.json: its digest is wrong")
    listed = {f["path"] for f in card["files"]} | {"dataset.json"}
    present = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}
    check(listed == present, f"files listed and present differ: {sorted(listed ^ present)}")
    for entry in card["files"]:
        data = (folder / entry["path"]).read_bytes()
        check(len(data) == entry["bytes"], f"{entry['path']}: size")
        check(xxhash.xxh3_128_hexdigest(data) == entry["xxh3_128"], f"{entry['path']}: digest")
        if "records" in entry:
            _, planes, _ = dataset.header(data)
            check([p[0] for p in planes] == list(entry["planes"]), f"{entry['path']}: planes in the card")
            for name, _, _, first, end in planes:
                check(xxhash.xxh3_128_hexdigest(data[first:end]) == entry["planes"].get(name),
                      f"{entry['path']}: digest of plane {name}")


def check_layout(path):
    """Returns the planes of a shard as safetensors' own reader gives them, in file order."""
    with open(path, "rb") as file:
        _, planes, begin = dataset.header(file.read(1 << 20))
    check(planes[0][0] == "samples" and planes[0][3] % 16384 == 0, f"{path}: samples do not begin on 16 KiB")
    for name, dtype, _, first, end in planes:
        check(first % np.dtype(dtype).itemsize == 0, f"{path}: plane {name} is not aligned")
    check(planes[-1][4] == path.stat().st_size, f"{path}: bytes after the last plane")
    loaded, torch_loaded = load_file(path), load_torch_file(path)
    count = len(loaded["samples"])
    expected = {"samples": ("int16", (count, 20480)), "start": ("int64", (count,)), "checksum": ("uint64", (count,)),
                "valid": ("int32", (count,)), "utterance": ("int32", (count,)), "group": ("int32", (count,)),
                "phones": ("uint8", (count, 128))}
    check({n: (str(v.dtype), v.shape) for n, v in loaded.items()} == expected, f"{path}: types and shapes")
    for name, values in loaded.items():
        check(np.array_equal(torch_loaded[name].numpy(), values), f"{path}: torch reads plane {name} differently")
    return {name: loaded[name] for name, *_ in planes}


def check_utterance(line, index, planes, audio):
    row, rows, what = line["row"], line["rows"], line["id"]
    samples, _ = soundfile.read(audio, dtype="int16")
    check(line["samples"] == len(samples), f"{what}: {line['samples']} samples, soundfile decodes {len(samples)}")
    count = len(samples) // 20480 if tail == "drop" else -(-len(samples) // 20480)
    check(rows == count, f"{what}: {rows} rows, expected {count}")
    part = slice(row, row + rows)
    starts = 20480 * np.arange(rows)
    check(np.array_equal(planes["start"][part], starts), f"{what}: start")
    check(np.array_equal(planes["valid"][part], np.clip(len(samples) - starts, 0, 20480)), f"{what}: valid")
    check((planes["utterance"][part] == index).all(), f"{what}: utterance")
    check((planes["group"][part] == names.index(line["group"])).all(), f"{what}: group")
    got = planes["samples"][part].reshape(-1)
    kept = min(len(samples), rows * 20480)
    check(np.array_equal(got[:kept], samples[:kept]), f"{what}: samples")
    check(not got[kept:].any(), f"{what}: padding is not zero")


def check_index(group_of_record, rows_of_shard, histogram):
    index = load_file(folder / "index.safetensors")
    total = len(group_of_record)
    expected = {
        "utterance_offsets": np.cumsum([0] + [line["rows"] for line in lines]),
        "group_offsets": np.cumsum([0] + [int((group_of_record == g).sum()) for g in range(len(names))]),
        "group_records": np.argsort(group_of_record, kind="stable"),
        "shard_offsets": np.cumsum([0] + rows_of_shard),
        "phone_histogram": histogram,
    }
    check(set(index) == set(expected), f"index: tensors {sorted(index)}")
    for name, values in expected.items():
        check(index[name].dtype == np.int64 and np.array_equal(index[name], values), f"index: {name}")
    return total


check_card()
audio = {path.stem: path for path in corpus.rglob("*.flac")}
check(sorted(audio) == sorted(line["id"] for line in lines), "utterances.jsonl and the corpus name other utterances")
check(list(dict.fromkeys(line["group"] for line in lines)) == names, "groups are not numbered by first appearance")
by_shard = {}
for index, line in enumerate(lines):
    by_shard.setdefault(line["shard"], []).append((index, line))
groups, rows_of_shard, histogram = [], [], np.zeros(256, np.int64)
for number, name in enumerate(dataset.shards(folder)):
    planes = check_layout(folder / name)
    count = len(planes["samples"])
    members = by_shard.get(number, [])
    positions = [(line["row"], line["rows"]) for _, line in members]
    check(positions == [(sum(r for _, r in positions[:i]), n) for i, (_, n) in enumerate(positions)]
          and sum(r for _, r in positions) == count, f"{name}: its utterances do not fill its rows in order")
    for index, line in members:
        check_utterance(line, index, planes, audio[line["id"]])
    wrong = [row for row in range(count) if dataset.record_checksum(planes, row) != planes["checksum"][row]]
    check(not wrong, f"{name}: checksum of rows {wrong[:5]}")
    groups.append(planes["group"])
    rows_of_shard.append(count)
    histogram += np.bincount(planes["phones"].reshape(-1), minlength=256)
records = check_index(np.concatenate(groups), rows_of_shard, histogram)
for path in sorted((folder / "splits").glob("*.txt")) if (folder / "splits").exists() else []:
    known = {line["id"] for line in lines}
    entries = [line.split("\t") for line in path.read_text().splitlines()]
    check(all(len(e) == 2 and e[0] in known for e in entries), f"{path.name}: unknown utterances")
tally.close(f"{len(lines)} utterances, {len(names)} groups, {records} records, {len(rows_of_shard)} shards")
