#!/usr/bin/env python3
"""Adds two alignments and a number to a copy of a dataset and reads them with safetensors, for numpy and for torch.

    check_planes.py CPC_SHARD CPC_INSPECT DATASET [--rounds 20] [--seed 1]

One alignment has 40 phones, one 41, drawn at random for every utterance but one; the expected class of every 10 ms cell
is worked out here, from the intervals alone. Then the audio must be untouched, every digest and record checksum right,
`cpc-inspect verify` content, `sha256sum -c` too, and after cpc-shard remove the dataset what it was. At last an add that
replaces a plane is killed at random moments: the dataset must have the old plane or the new.
"""
import argparse, json, pathlib, random, shutil, signal, subprocess, tempfile, time

import numpy as np
import xxhash
from safetensors.numpy import load_file
from safetensors.torch import load_file as load_torch_file

import dataset as files

parser = argparse.ArgumentParser()
parser.add_argument("shard")
parser.add_argument("inspect")
parser.add_argument("dataset", type=pathlib.Path)
parser.add_argument("--rounds", type=int, default=20)
parser.add_argument("--seed", type=int, default=1)
a = parser.parse_args()
tally = files.Tally("check_planes")
check = tally.check
source = a.dataset.resolve()
shard, inspect = pathlib.Path(a.shard).resolve(), pathlib.Path(a.inspect).resolve()
lines = files.utterances(source)
scratch = pathlib.Path(tempfile.mkdtemp())
folder = scratch / "d"


def run(tool, *arguments):
    return subprocess.run([tool, *map(str, arguments)], cwd=scratch, capture_output=True, text=True)


def alignment(name, count, seed):
    """Writes a phone set and labels; returns the intervals of each utterance."""
    draw = random.Random(seed)
    (scratch / f"{name}.txt").write_text("".join(f"{name}{i}\n" for i in range(count)))
    tracks = {}
    for line in lines[1:]:
        end, position, intervals = round(line["samples"] / 16000, 4), 0.0, []
        while position < end:
            stop = min(end, round(position + draw.uniform(0.03, 0.3), 3))
            if draw.random() < 0.9:
                intervals.append((draw.randrange(count), position, stop))
            position = stop
        tracks[line["id"]] = intervals
    order = list(tracks)
    draw.shuffle(order)
    with open(scratch / f"{name}.jsonl", "w") as file:
        for key in order:
            phones = [[f"{name}{c}", begin, end] for c, begin, end in tracks[key]]
            file.write(json.dumps({"id": key, "phones": phones}) + "\n")
    return tracks


def classes(intervals, rows):
    """The class of each cell: of the interval that its centre, (160 t + 80) / 16000 s, lies in."""
    cells = np.full(rows * 128, 255, np.uint8)
    for label, begin, end in intervals:
        # In units of 0.1 ms, where these times are whole numbers and centres are 100 t + 50.
        first, last = (-(-(round(t * 10000) - 50) // 100) for t in (begin, end))
        cells[max(0, first):max(0, last)] = label
    return cells.reshape(rows, 128)


def add(name, source, *options):
    start = time.monotonic()
    result = run(shard, "add", folder, f"{name}={source}", *options)
    check(result.returncode == 0, f"add {name}: {result.stderr}")
    return time.monotonic() - start


def check_plane(name, dtype, shape, expected):
    """`expected(utterance index, line)` gives the rows of an utterance."""
    entries = {f["path"]: f for f in files.card(folder)["files"]}
    for number, base in enumerate(files.shards(folder)):
        path = base.replace(".safetensors", f".{name}.safetensors")
        data = (folder / path).read_bytes()
        _, layout, _ = files.header(data)
        planes, torch_planes = load_file(folder / path), load_torch_file(folder / path)
        check(list(planes) and set(planes) == {"checksum", name}, f"{path}: tensors {sorted(planes)}")
        check(planes[name].dtype == dtype and planes[name].shape[1:] == shape, f"{path}: type and shape")
        check(np.array_equal(torch_planes[name].numpy(), planes[name]), f"{path}: torch reads it differently")
        check(xxhash.xxh3_128_hexdigest(data) == entries[path]["xxh3_128"], f"{path}: digest")
        for plane, _, _, first, end in layout:
            check(xxhash.xxh3_128_hexdigest(data[first:end]) == entries[path]["planes"][plane], f"{path}: {plane}")
        ordered = {plane: planes[plane] for plane, *_ in layout}
        wrong = [r for r in range(len(planes[name])) if files.record_checksum(ordered, r) != planes["checksum"][r]]
        check(not wrong, f"{path}: checksums of rows {wrong[:5]}")
        wanted = [expected(i, line) for i, line in enumerate(lines) if line["shard"] == number and line["rows"]]
        check(np.array_equal(planes[name], np.concatenate(wanted)), f"{path}: values")


shutil.copytree(source, folder)
before = files.tree(folder)
forty, forty_one = alignment("p", 40, a.seed), alignment("q", 41, a.seed + 1)
seconds = [add("p", "p.jsonl", "--phone-set", "p.txt"), add("q", "q.jsonl", "--phone-set", "q.txt"),
           add("total", "key:samples")]
for name, tracks in [("p", forty), ("q", forty_one)]:
    check_plane(name, np.uint8, (128,), lambda i, line: classes(tracks.get(line["id"], []), line["rows"]))
check_plane("total", np.int32, (), lambda i, line: np.full(line["rows"], line["samples"]))
after = files.tree(folder)
check(all(after[path] == data for path, data in before.items() if path != "dataset.json"), "another file has changed")
facts = {o["name"]: o for o in files.card(folder)["overlays"]}
check([len(facts[n]["classes"]) for n in "pq"] == [40, 41], "phone sets in the card")
check(run(inspect, "verify", folder).returncode == 0, "verify")
sums = run(inspect, "sums", folder)
(scratch / "sums").write_text(sums.stdout)
check(subprocess.run(["sha256sum", "-c", "--quiet", "--strict", scratch / "sums"], cwd=folder).returncode == 0, "sums")

alignment("p", 40, a.seed + 2)
old, kept = files.tree(folder), {"old": 0, "new": 0, "unclean": 0}
start = time.monotonic()
replace = [shard, "add", folder, "p=p.jsonl", "--phone-set", "p.txt", "--force"]
check(run(*replace).returncode == 0, "--force")
duration, new = time.monotonic() - start, files.tree(folder)
draw = random.Random(a.seed)
digests = lambda tree: sorted(f["xxh3_128"] for f in json.loads(tree["dataset.json"])["files"])
for round_number in range(a.rounds):
    shutil.rmtree(folder)
    for path, data in old.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    process = subprocess.Popen(replace, cwd=scratch, stderr=subprocess.DEVNULL)
    time.sleep(draw.uniform(0, duration))
    process.send_signal(signal.SIGKILL)
    process.wait()
    check(run(inspect, "verify", folder).returncode == 0, f"round {round_number}: verify")
    state = files.tree(folder)
    name = "old" if digests(state) == digests(old) else "new"
    check(digests(state) == digests(old if name == "old" else new), f"round {round_number}: neither old nor new")
    kept[name] += 1
    kept["unclean"] += state not in (old, new)
    check(run(*replace).returncode == 0 and files.tree(folder) == new, f"round {round_number}: the rerun")

for name in ["q", "total", "p"]:
    check(run(shard, "remove", folder, name).returncode == 0, f"remove {name}")
check(files.tree(folder) == before, "the dataset without its planes is not what it was")
shutil.rmtree(scratch)
tally.close(f"{len(lines)} utterances; planes added in {', '.join(f'{s:.2f}' for s in seconds)} s; "
            f"{a.rounds} kills: {kept['old']} old, {kept['new']} new, {kept['unclean']} left something to clean")
