#!/usr/bin/env python3
"""Gives some utterances the transcript of another one, aligns the corpus, and fails where cpc-align's report does not
rank these among the worst.

    check_doubt.py CPC_ALIGN CORPUS OUT_FOLDER [--swapped SHARE] [--worst SHARE] [--found SHARE] [--similar] [--seed N]

--similar swaps among utterances of about the same number of words, which the length alone does not give away.
"""
import argparse, json, pathlib, random, subprocess, sys

parser = argparse.ArgumentParser()
parser.add_argument("cpc_align")
parser.add_argument("corpus", help="a manifest with transcripts")
parser.add_argument("out", type=pathlib.Path)
parser.add_argument("--swapped", type=float, default=0.05)
parser.add_argument("--worst", type=float, default=0.07)
parser.add_argument("--found", type=float, default=0.90)
parser.add_argument("--similar", action="store_true")
parser.add_argument("--seed", type=int, default=1)
arguments = parser.parse_args()

manifest = pathlib.Path(arguments.corpus)
entries = [json.loads(line) for line in manifest.read_text().splitlines()]
spoken = [entry for entry in entries if entry.get("text")]
chosen = random.Random(arguments.seed).sample(spoken, max(2, round(arguments.swapped * len(spoken))))
if arguments.similar:
    chosen.sort(key=lambda entry: len(entry["text"].split()))
texts = [entry["text"] for entry in chosen]
# Each gets the next one's, the last the first's; among similar ones by pairs.
order = [i ^ 1 if i ^ 1 < len(texts) else 0 for i in range(len(texts))] if arguments.similar else [
    (i + 1) % len(texts) for i in range(len(texts))]
swapped = set()
for entry, i in zip(chosen, order):
    if entry["text"] != texts[i]:
        swapped.add(entry["id"])
    entry["text"] = texts[i]

arguments.out.mkdir(parents=True, exist_ok=True)
changed, report = arguments.out / "swapped.jsonl", arguments.out / "doubt.jsonl"
changed.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
# Those that are too short for their new transcript make the exit status 1.
subprocess.run(
    [arguments.cpc_align, changed, "--root", manifest.parent, "--report", report, "-o", arguments.out / "aligned.jsonl",
     "--force", "--quiet"], stderr=subprocess.DEVNULL)

lines = [json.loads(line) for line in report.read_text().splitlines()]
worst = [line["id"] for line in lines[: round(arguments.worst * len(entries))]]
found = sum(i in swapped for i in worst)
unaligned = sum(line["doubt"] is None for line in lines if line["id"] in swapped)
last = max(rank for rank, line in enumerate(lines, 1) if line["id"] in swapped)
print(f"{len(swapped)} of {len(entries)} transcripts swapped{' for similar ones' if arguments.similar else ''}: {found} among "
      f"the worst {len(worst)} ({found / len(swapped):.1%}, at least {arguments.found:.0%}), {unaligned} of them too short "
      f"to be aligned; the last one is number {last}")
sys.exit(found < arguments.found * len(swapped))
