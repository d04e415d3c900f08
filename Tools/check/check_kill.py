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
    kills = too_late = reused = reused_shards = rounds = 0
    # A run of a small corpus takes some 50 ms, and most moments are before its first shard: more rounds, if need be.
    while (rounds < a.rounds or (not reused and rounds < 10 * a.rounds)) and too_late < 4 * a.rounds:
        folder = scratch / "round"
        folder.mkdir()
        killed = False
        for _ in range(rng.choice((1, 1, 2))):
            process = start(folder)
            time.sleep(rng.random() * min(durations))
            process.send_signal(signal.SIGKILL)
            process.communicate()
            if process.returncode != -signal.SIGKILL:
                too_late += 1
                break
            killed = True
            kills += 1
            if (folder / "out/dataset.json").exists():
                visible = {p: b for p, b in dataset.tree(folder / "out").items() if not p.startswith(".")}
                tally.check(visible == reference,
                            f"round {rounds}: a dataset.json in a dataset that is not finished")
        if not killed:
            shutil.rmtree(folder)
            continue
        rounds += 1
        finished = process.returncode == 0
        if not finished:
            process = start(folder)
            output, _ = process.communicate()
            finished = process.returncode == 0
            match = re.search(r"reused (\d+)", output)
            reused += bool(match and int(match[1]))
            reused_shards += int(match[1]) if match else 0
        got = dataset.tree(folder / "out")
        # A run that was killed after its very last step has finished, and the next one refuses to overwrite.
        tally.check(finished or got == reference, f"round {rounds}: the rerun ended with {process.returncode}: {output}")
        different = sorted(set(got) ^ set(reference)) or [p for p in got if got[p] != reference[p]]
        tally.check(not different, f"round {rounds}: ends with other files: {different}")
        tally.check([p.name for p in folder.iterdir()] == ["out"], f"round {rounds}: left something behind")
        shutil.rmtree(folder)
tally.check(rounds >= a.rounds, f"only {rounds} of {a.rounds} rounds were killed in time")
tally.check(reused > 0, "no rerun said that it reused shards")
tally.close(f"{rounds} rounds, {kills} kills ({too_late} came too late); {reused} reruns reused {reused_shards} shards "
            f"in all, of {shard_count} each")
