#!/usr/bin/env python3
"""Kills cpc-shard at random moments and starts it again: it must end with the bytes of an undisturbed run.

    check_kill.py CPC_SHARD CORPUS [--rounds 50] [--shard-records 32] [--seed 1]

After every kill the folder holds no dataset.json, or is byte for byte the finished dataset (but for the hidden work
folder, whose removal comes last).
"""
import argparse, pathlib, random, re, shutil, signal, subprocess, tempfile, time

import dataset

parser = argparse.ArgumentParser()
parser.add_argument("shard")
parser.add_argument("corpus", type=pathlib.Path)
parser.add_argument("--rounds", type=int, default=50)
parser.add_argument("--shard-records", type=int, default=32)
parser.add_argument("--seed", type=int, default=1)
a = parser.parse_args()
tally = dataset.Tally("check_kill")
rng = random.Random(a.seed)
command = [str(pathlib.Path(a.shard).resolve()), str(a.corpus.resolve()), "-o", "out", "--shard-records",
           str(a.shard_records)]


def start(folder):
    return subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, text=True)


with tempfile.TemporaryDirectory() as scratch:
    scratch = pathlib.Path(scratch)
    durations = []
    for name in ("reference", "again"):
        (scratch / name).mkdir()
        began = time.monotonic()
        process = start(scratch / name)
        output, _ = process.communicate()
        durations.append(time.monotonic() - began)
        if process.returncode != 0:
            tally.check(False, f"the undisturbed run ended with {process.returncode}: {output}")
            tally.close()
    reference = dataset.tree(scratch / "reference/out")
    tally.check(dataset.tree(scratch / "again/out") == reference, "two undisturbed runs differ")
    shard_count = len(dataset.shards(scratch / "reference/out"))
    tally.check(shard_count > 1, "one shard only: lower --shard-records")
    kills = finished_before = reused = reused_shards = 0
    for round_number in range(a.rounds):
        folder = scratch / "round"
        folder.mkdir()
        for _ in range(rng.choice((1, 1, 2))):
            process = start(folder)
            time.sleep(rng.random() * durations[1])
            process.send_signal(signal.SIGKILL)
            process.communicate()
            killed = process.returncode == -signal.SIGKILL
            kills += killed
            finished_before += not killed
            if (folder / "out/dataset.json").exists():
                visible = {p: b for p, b in dataset.tree(folder / "out").items() if not p.startswith(".")}
                tally.check(visible == reference,
                            f"round {round_number}: a dataset.json in a dataset that is not finished")
            if not killed:
                break
        if killed or not (folder / "out/dataset.json").exists():
            process = start(folder)
            output, _ = process.communicate()
            if not (folder / "out/dataset.json").exists() or process.returncode != 0:
                # A run that was killed after its very last step has finished: the next one refuses to overwrite.
                complete = (folder / "out").exists() and dataset.tree(folder / "out") == reference
                tally.check(complete, f"round {round_number}: the rerun ended with {process.returncode}: {output}")
            match = re.search(r"reused (\d+)", output)
            reused += bool(match and int(match[1]))
            reused_shards += int(match[1]) if match else 0
        got = dataset.tree(folder / "out")
        different = sorted(set(got) ^ set(reference)) or [p for p in got if got[p] != reference[p]]
        tally.check(not different, f"round {round_number}: ends with other files: {different}")
        tally.check(sorted(p.name for p in folder.iterdir()) == ["out"], f"round {round_number}: left something behind")
        shutil.rmtree(folder)
tally.check(reused > 0, "no rerun said that it reused shards")
tally.close(f"{a.rounds} rounds, {kills} kills, {finished_before} runs finished before theirs; {reused} reruns reused "
            f"{reused_shards} shards in all, of {shard_count}")
