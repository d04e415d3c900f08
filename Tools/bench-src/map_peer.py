#!/usr/bin/env python3
"""The ceiling of reading: NumPy draws rows of one plane of a dataset in shuffled order from its memory map, and copies them.

    python map_peer.py DATASET PLANE BATCH
"""
import json, pathlib, struct, sys, time

import numpy as np

TYPES = {"U8": np.uint8, "U16": np.uint16, "I16": np.int16, "F32": np.float32}
folder, name, batch = pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
planes = []
for path in sorted((folder / "shards").iterdir()):
    data = path.open("rb")
    length = struct.unpack("<Q", data.read(8))[0]
    plane = json.loads(data.read(length))[name]
    planes.append(np.memmap(path, TYPES[plane["dtype"]], "r", 8 + length + plane["data_offsets"][0], tuple(plane["shape"])))
rng = np.random.default_rng(1)
for plane in planes:
    plane.max()
rows, start = 0, time.perf_counter()
for _ in range(4):
    for plane in planes:
        order = rng.permutation(len(plane))
        for i in range(0, len(order), batch):
            rows += len(plane[order[i:i + batch]])
print(json.dumps({"peer": "numpy", "windows_per_s": round(rows / (time.perf_counter() - start))}))
