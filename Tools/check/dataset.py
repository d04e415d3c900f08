"""Reads the suite's files for the checks, from their documented formats alone: safetensors, JSON and XXH3."""
import json, pathlib, struct

import numpy as np
import xxhash

WINDOW, CELL = 20480, 160
TYPES = {"I16": "<i2", "U16": "<u2", "I32": "<i4", "I64": "<i8", "U64": "<u8", "U8": "u1"}


class Tally:
    """Counts what held and prints what did not."""

    def __init__(self, name):
        self.name, self.passed, self.failed = name, 0, 0

    def check(self, good, message):
        if good:
            self.passed += 1
        else:
            self.failed += 1
            if self.failed <= 20:
                print(f"FAILED: {message}")
        return bool(good)

    def close(self, summary=""):
        if summary:
            print(f"{self.name}: {summary}")
        print(f"{self.name}: {self.passed} passed, {self.failed} failed")
        raise SystemExit(self.failed > 0 or self.passed == 0)


def header(data):
    """(metadata, planes, first data byte) of the safetensors file that `data` begins with.

    A plane is (name, dtype, shape, first byte, byte after its last), in file order.
    """
    length = struct.unpack("<Q", bytes(data[:8]))[0]
    entries = json.loads(bytes(data[8:8 + length]))
    metadata = entries.pop("__metadata__", {})
    begin = 8 + length
    planes = [(name, TYPES[e["dtype"]], e["shape"], begin + e["data_offsets"][0], begin + e["data_offsets"][1])
              for name, e in entries.items()]
    return metadata, sorted(planes, key=lambda plane: (plane[3], plane[4])), begin


def arrays(data, planes):
    return {name: np.frombuffer(data[first:end], dtype).reshape(shape) for name, dtype, shape, first, end in planes}


def record_checksum(planes, row):
    """XXH3-64 over the record's bytes in every plane but `checksum`, in file order."""
    hasher = xxhash.xxh3_64()
    for name, values in planes.items():
        if name != "checksum":
            hasher.update(np.ascontiguousarray(values[row]).tobytes())
    return hasher.intdigest()


def card(folder):
    return json.loads((pathlib.Path(folder) / "dataset.json").read_text())


def shards(folder):
    """Names of the shards in the order of their records."""
    return [f["path"] for f in card(folder)["files"] if "records" in f]


def utterances(folder):
    return [json.loads(line) for line in (pathlib.Path(folder) / "utterances.jsonl").read_text().splitlines()]


def group_names(folder):
    return [g["name"] for g in card(folder)["groups"]]


def tree(folder):
    """Path and bytes of every file under a folder."""
    folder = pathlib.Path(folder)
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
