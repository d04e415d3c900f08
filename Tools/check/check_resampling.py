#!/usr/bin/env python3
"""Compares what cpc-shard makes of other rates and several channels with the soxr package for Python.

    check_resampling.py CPC_SHARD

Noise, a sweep and a square wave that clips, at seven rates with one and two channels, as WAV, as FLAC and as pieces of a
long file. Every sample must be the one that soxr (VHQ, double precision) gives after rounding, or the one beside it.
"""
import json, pathlib, subprocess, sys, tempfile

import numpy as np
import soundfile
import soxr
from safetensors.numpy import load_file

import dataset

shard = pathlib.Path(sys.argv[1]).resolve()
rates = [8000, 11025, 22050, 24000, 32000, 44100, 48000]
random = np.random.default_rng(1)
tally = dataset.Tally("check_resampling")
check = tally.check


def signal(rate, channels):
    time = np.arange(rate * 2 + int(random.integers(0, 500))) / rate
    noise = random.normal(0, 0.2, (len(time), channels))
    sweep = 0.4 * np.sin(2 * np.pi * (50 + rate / 8 * time) * time)[:, None]
    # Of an utterance of which most clips nothing would be kept: only the upper half does.
    square = np.where((time * 100).astype(int) % 2, 1.0, -0.7)[:, None]
    return np.concatenate([noise, np.repeat(sweep, channels, 1), np.repeat(square, channels, 1)])


def reference(samples, rate):
    """int16 [frames, channels] to int16 at 16 kHz, and how many were clipped."""
    length = (2 * len(samples) * 16000 + rate) // (2 * rate)
    exact = np.rint(soxr.resample(samples.astype(np.float64).mean(1), rate, 16000, quality="VHQ"))
    assert len(exact) == length, (len(exact), length, rate)
    return np.clip(exact, -32768, 32767).astype(np.int16), int(((exact > 32767) | (exact < -32768)).sum())


def run(arguments, output):
    result = subprocess.run([shard, *arguments, "--resample", "16000", "--mixdown", "-o", output, "-q"],
                            capture_output=True, text=True, stdin=subprocess.DEVNULL)
    check(result.returncode == 0, f"{arguments[0]}: exit status {result.returncode}: {result.stderr}")
    card = json.loads((output / "dataset.json").read_text())
    shards = [load_file(path)["samples"] for path in sorted((output / "shards").iterdir())]
    found = {}
    for line in (output / "utterances.jsonl").read_text().splitlines():
        line = json.loads(line)
        rows = shards[line["shard"]][line["row"]:line["row"] + line["rows"]]
        found[line["id"]] = rows.reshape(-1)[:line["samples"]]
    return found, card


worst = different = total = 0
with tempfile.TemporaryDirectory() as scratch:
    scratch = pathlib.Path(scratch)
    (scratch / "corpus/a").mkdir(parents=True)
    expected, pieces, lines, clipped = {}, {}, [], 0
    for rate in rates:
        for channels in (1, 2):
            for kind in ("wav", "flac"):
                name = f"{rate}-{channels}-{kind}"
                path = scratch / f"corpus/a/{name}.{kind}"
                soundfile.write(path, signal(rate, channels).clip(-1, 1), rate, subtype="PCM_16")
                samples = soundfile.read(path, dtype="int16", always_2d=True)[0]
                expected[f"a/{name}"], clips = reference(samples, rate)
                clipped += clips
                for i, first in enumerate(range(100, len(samples), 30011)):
                    count = min(30011, len(samples) - first)
                    pieces[f"{name}-{i}"] = reference(samples[first:first + count], rate)[0]
                    lines.append(json.dumps({
                        "id": f"{name}-{i}", "source": str(path), "group": "a", "samples": len(samples), "rate": rate,
                        "offset": first, "length": count}) + "\n")
    (scratch / "pieces.jsonl").write_text("".join(lines))
    whole, card = run([scratch / "corpus", "--layout", "speaker-folders"], scratch / "whole")
    counted = card["conversion"]["clipped_samples"]
    check(counted == clipped > 0, f"{counted} clipped samples are counted, there are {clipped}")
    cut, _ = run([scratch / "pieces.jsonl"], scratch / "pieces")
    for found, wanted in ((whole, expected), (cut, pieces)):
        check(found.keys() == wanted.keys(), f"utterances: {sorted(found.keys() ^ wanted.keys())}")
        for name in wanted:
            if not check(len(found[name]) == len(wanted[name]), f"{name}: {len(found[name])} samples"):
                continue
            off = np.abs(found[name].astype(int) - wanted[name])
            check(off.max() <= 1, f"{name}: samples differ by {off.max()}")
            worst, different, total = max(worst, off.max()), different + (off > 0).sum(), total + len(off)

tally.close(f"{total} samples, {different} of them differ from soxr {soxr.__version__}, by {worst} at most; "
            f"{clipped} clipped")
