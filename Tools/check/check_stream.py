#!/usr/bin/env python3
"""Checks that `cpc-shard CORPUS -o -` carries the records of a dataset of the same corpus, in order.

    check_stream.py CPC_SHARD CORPUS DATASET

The stream is read as what it is said to be: whole safetensors files back to back, the last one empty.
"""
import json, pathlib, struct, subprocess, sys

from safetensors.numpy import load, load_file

import dataset

tool, corpus, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
tally = dataset.Tally("check_stream")
check = tally.check
lines, groups = dataset.utterances(folder), dataset.group_names(folder)


def pieces(pipe):
    """Yields each safetensors file of the stream as bytes."""
    while prefix := pipe.read(8):
        length = struct.unpack("<Q", prefix)[0]
        head = prefix + pipe.read(length)
        _, planes, begin = dataset.header(head)
        yield head + pipe.read(max([begin] + [end for *_, end in planes]) - begin)


def dataset_rows():
    """Yields every record of the dataset as (plane name → bytes)."""
    for name in dataset.shards(folder):
        planes = load_file(folder / name)
        for row in range(len(planes["samples"])):
            yield {plane: values[row].tobytes() for plane, values in planes.items()}


expected = dataset_rows()
process = subprocess.Popen([tool, corpus, "-o", "-", "--quiet"], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
records, ended, largest = 0, False, 0
for piece in pieces(process.stdout):
    check(not ended, "the stream goes on after its end mark")
    metadata, _, _ = dataset.header(piece)
    planes = load(piece)
    largest = max(largest, len(piece))
    if metadata.get("cpc.stream") == "end":
        ended = True
        check(all(len(values) == 0 for values in planes.values()), "the end mark holds records")
        check(metadata.get("cpc.records") == str(records), f"the end mark counts {metadata}, {records} came")
        continue
    named = {index: name for index, name in json.loads(metadata["cpc.utterances"])}
    named_groups = {index: name for index, name in json.loads(metadata["cpc.groups"])}
    for row in range(len(planes["samples"])):
        wanted = next(expected, None)
        got = {plane: values[row].tobytes() for plane, values in planes.items()}
        check(got == wanted, f"record {records} differs from the dataset's")
        utterance, group = int(planes["utterance"][row]), int(planes["group"][row])
        check(named.get(utterance) == lines[utterance]["id"], f"record {records}: utterance {utterance} is misnamed")
        check(named_groups.get(group) == groups[group], f"record {records}: group {group} is misnamed")
        records += 1
check(next(expected, None) is None, "the dataset has more records than the stream")
check(ended, "the stream has no end mark")
check(process.wait() == 0, f"cpc-shard ended with {process.returncode}")
tally.close(f"{records} records; largest piece {largest / 1e6:.1f} MB")
