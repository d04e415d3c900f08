#!/usr/bin/env python3
"""Joins the utterances of an aligned manifest to a single one of many minutes, aligns that, and fails where it takes too
much memory or its phones are not those of the pieces.

    check_long.py CPC_ALIGN ALIGNED_MANIFEST MODEL OUT_FOLDER [--lexicon FILE] [--minutes N] [--mebibytes N]
        [--agreement SHARE]

The manifest's sources are folders or audio files; MODEL is what it was aligned with (--save-model).
"""
import argparse, json, os, pathlib, subprocess, sys, time
import numpy, soundfile

CELL = 160
parser = argparse.ArgumentParser()
parser.add_argument("cpc_align")
parser.add_argument("manifest", type=pathlib.Path)
parser.add_argument("model")
parser.add_argument("out", type=pathlib.Path)
parser.add_argument("--lexicon")
parser.add_argument("--minutes", type=float, default=60)
parser.add_argument("--mebibytes", type=int, default=1024)
parser.add_argument("--agreement", type=float, default=0.97)
arguments = parser.parse_args()


def labels(phones, cells):
    """The phone at the centre of each cell; its times are multiples of 10 ms."""
    result = [None] * cells
    for label, begin, end in phones:
        for t in range(round(begin * 100), min(cells, round(end * 100))):
            result[t] = label
    return result


arguments.out.mkdir(parents=True, exist_ok=True)
pieces, words, expected, samples = [], [], [], 0
for line in arguments.manifest.read_text().splitlines():
    entry = json.loads(line)
    if "phones" not in entry or samples >= arguments.minutes * 60 * 16000:
        continue
    source = arguments.manifest.parent / entry["source"] / entry.get("member", "")
    audio, rate = soundfile.read(source, dtype="int16")
    assert rate == 16000 and "offset" not in entry
    audio = audio[: len(audio) // CELL * CELL]
    expected += labels(entry["phones"], len(audio) // CELL)
    pieces.append(audio)
    words.append(entry["text"])
    samples += len(audio)
if samples < arguments.minutes * 60 * 16000:
    sys.exit(f"check_long: {arguments.manifest} has {samples / 960000:.1f} minutes, fewer than {arguments.minutes}")
soundfile.write(arguments.out / "long.flac", numpy.concatenate(pieces), 16000)
entry = {"id": "long", "source": "long.flac", "group": "all", "samples": samples, "rate": 16000, "text": " ".join(words)}
(arguments.out / "long.jsonl").write_text(json.dumps(entry) + "\n")

begin = time.monotonic()
process = subprocess.Popen(
    [arguments.cpc_align, arguments.out / "long.jsonl", "--model", arguments.model, "-o", arguments.out / "aligned.jsonl",
     "--force", "--quiet", *(["--lexicon", arguments.lexicon] if arguments.lexicon else [])])
_, status, usage = os.wait4(process.pid, 0)
seconds = time.monotonic() - begin
if status:
    sys.exit("check_long: cpc-align failed")
phones = json.loads((arguments.out / "aligned.jsonl").read_text())["phones"]
same = sum(a == b for a, b in zip(labels(phones, len(expected)), expected)) / len(expected)
peak = usage.ru_maxrss / 1024
print(f"{samples / 960000:.1f} minutes in one utterance, {sum(len(w.split()) for w in words):,} words: {seconds:.1f} s, "
      f"{peak:.0f} MiB at most (of {arguments.mebibytes}); {same:.2%} of the cells as in the pieces (at least "
      f"{arguments.agreement:.0%})")
sys.exit(peak > arguments.mebibytes or same < arguments.agreement)
