#!/usr/bin/env python3
"""Flips one random bit at a time in a copy of a dataset and asks `cpc-inspect verify` what is wrong.

    check_flips.py DATASET CPC_INSPECT [--flips 1000] [--seed 1]

Every flip must fail with status 1 and name its file; in a shard also its plane or its row, in its header "header".
Files, and planes in a shard, are drawn with equal chances, so that the small ones get their share.
"""
import argparse, collections, pathlib, random, re, shutil, subprocess, tempfile

import dataset

parser = argparse.ArgumentParser()
parser.add_argument("dataset", type=pathlib.Path)
parser.add_argument("inspect")
parser.add_argument("--flips", type=int, default=1000)
parser.add_argument("--seed", type=int, default=1)
a = parser.parse_args()
tally = dataset.Tally("check_flips")
rng = random.Random(a.seed)


def verify(folder):
    run = subprocess.run([a.inspect, "verify", str(folder), "--quiet"], capture_output=True, text=True,
                         stdin=subprocess.DEVNULL)
    return run.returncode, run.stdout + run.stderr


def regions(path):
    """(name, first byte, end, bytes of a row or None) of what a file consists of."""
    if not path.name.endswith(".safetensors") or path.parent.name != "shards":
        return [("file", 0, path.stat().st_size, None)]
    with open(path, "rb") as file:
        _, planes, begin = dataset.header(file.read(1 << 20))
    text = path.read_bytes()[:begin].rstrip(b" ")
    return [("length", 0, 8, None), ("header", 8, len(text), None), ("header padding", len(text), begin, None)] + [
        (name, first, end, (end - first) // shape[0]) for name, _, shape, first, end in planes if end > first]


def names_it(output, relative, region, row):
    """True if the report names the file and no other and, in a plane, the plane or the row that was hit."""
    about = [line for line in output.splitlines() if relative in line]
    if any(other in output for other in names if other != relative):
        return False
    if region in ("file", "length", "header", "header padding"):
        return bool(about)
    return any(f'"{region}"' in line or re.search(rf"\brow {row}\b", line) for line in about)


with tempfile.TemporaryDirectory() as scratch:
    copy = pathlib.Path(scratch) / "dataset"
    shutil.copytree(a.dataset, copy)
    status, output = verify(copy)
    if not tally.check(status == 0, f"the dataset is not good to begin with: {output}"):
        tally.close()
    files = sorted(path for path in copy.rglob("*") if path.is_file())
    names = [str(path.relative_to(copy)) for path in files]
    seen = collections.Counter()
    for flip in range(a.flips):
        path = rng.choice(files)
        region, first, end, row_bytes = rng.choice(regions(path))
        offset, bit = rng.randrange(first, end), rng.randrange(8)
        row = (offset - first) // row_bytes if row_bytes else None
        relative = str(path.relative_to(copy))
        with open(path, "r+b") as file:
            file.seek(offset)
            byte = file.read(1)[0]
            file.seek(offset)
            file.write(bytes([byte ^ 1 << bit]))
        status, output = verify(copy)
        with open(path, "r+b") as file:
            file.seek(offset)
            file.write(bytes([byte]))
        good = tally.check(status == 1 and names_it(output, relative, region, row),
                           f"byte {offset} bit {bit} of {relative} ({region}): status {status}, said: {output.strip()}")
        seen[region if relative.startswith("shards/") else relative] += good
    status, output = verify(copy)
    tally.check(status == 0, f"the restored dataset is not good: {output}")
print("named: " + ", ".join(f"{count} in {where}" for where, count in sorted(seen.items())))
tally.close(f"{sum(seen.values())} of {a.flips} flips named")
