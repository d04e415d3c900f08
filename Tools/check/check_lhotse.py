#!/usr/bin/env python3
"""Compares the suite with the package lhotse, both ways.

    check_lhotse.py CPC_BIN DATASET

`cpc-cat --lhotse` of a dataset must be a CutSet with the same samples, texts, speakers and phones; made into a dataset again, all of its shards must be the same. Manifests that lhotse writes (recordings
and supervisions, cuts cut out of them, two channels) must give the samples that lhotse loads. And text, speakers and durations of each layout, of a small corpus made to its published structure, must be
those of lhotse's own recipe; TIMIT's phones too.
"""
import argparse, json, os, pathlib, subprocess, sys, tempfile

import lhotse, numpy as np, soundfile
from lhotse.recipes import prepare_aishell, prepare_libritts, prepare_ljspeech, prepare_mls, prepare_timit
from lhotse.supervision import AlignmentItem
from safetensors.numpy import load_file

import dataset as files

parser = argparse.ArgumentParser()
parser.add_argument("bin", type=pathlib.Path)
parser.add_argument("dataset", type=pathlib.Path)
a = parser.parse_args()
a.bin, a.dataset = a.bin.resolve(), a.dataset.resolve()
tally = files.Tally("check_lhotse")
check = tally.check
temporary = tempfile.TemporaryDirectory()
os.chdir(temporary.name)
rng = np.random.default_rng(7)


def run(tool, *arguments, status=0):
    done = subprocess.run([a.bin / tool, *map(str, arguments)], capture_output=True, text=True)
    check(done.returncode == status, f"{tool} {' '.join(map(str, arguments))}: {done.returncode}, {done.stderr}")
    return done.stdout


def scan(*arguments, status=0):
    return {line["id"]: line for line in map(json.loads, run("cpc-scan", *arguments, "--quiet", status=status).splitlines())}


def records(folder):
    """Samples and phones of each utterance, by id."""
    shards = [load_file(pathlib.Path(folder) / path) for path in files.shards(folder)]
    found = {}
    for line in files.utterances(folder):
        rows = slice(line["row"], line["row"] + line["rows"])
        shard = shards[line["shard"]]
        found[line["id"]] = (shard["samples"][rows].reshape(-1)[:line["samples"]], shard["phones"][rows].reshape(-1))
    return found


def ints(audio):
    return np.rint(audio * 32768).astype(np.int64).reshape(-1)


def same(samples, audio):
    return len(samples) == audio.shape[-1] and np.array_equal(samples.astype(np.int64), ints(audio))


# Out of a dataset, with phones.
some = "SIL AH T N IY S ZH OY".split()
lines = files.utterances(a.dataset)
with open("labels.jsonl", "w") as file:
    for number, line in enumerate(lines):
        # A cell whose centre lies after the end has no time that could give it a label.
        cells = [None if t % 11 == 0 or 160 * t + 80 >= line["samples"] else some[(t // 3 + number) % len(some)]
                 for t in range(-(-line["samples"] // 160))]
        file.write(json.dumps({"id": line["id"], "cells": cells}) + "\n")
run("cpc-cat", a.dataset, "--lhotse", "-o", "plain", "--quiet")
run("cpc-scan", "plain", "--layout", "lhotse", "-o", "plain.jsonl", "--quiet")
run("cpc-shard", "plain.jsonl", "--phones", "labels.jsonl", "-o", "labelled", "--quiet")
run("cpc-cat", "labelled", "--lhotse", "-o", "out", "--quiet")
cuts = lhotse.CutSet.from_file("out/cuts.jsonl")
wanted = records("labelled")
names = files.card("labelled")["phone_sets"][0]["classes"]
check([cut.id for cut in cuts] == [line["id"] for line in lines], "the ids of the CutSet")
for cut, line in zip(cuts, lines):
    supervision = cut.supervisions[0]
    samples, phones = wanted[cut.id]
    check(same(samples, cut.load_audio()), f"{cut.id}: samples")
    check((supervision.text, supervision.speaker) == (line.get("text"), line["group"]), f"{cut.id}: text and speaker")
    centres = (np.arange(-(-line["samples"] // 160)) * 160 + 80) / 16000
    labels = [255] * len(centres)
    for item in supervision.alignment["phone"]:
        for t in np.flatnonzero((item.start <= centres) & (centres < item.end)):
            labels[t] = names.index(item.symbol)
    check(labels == phones[:len(centres)].tolist(), f"{cut.id}: phones")
cuts.to_file("again.jsonl.gz")
run("cpc-shard", "again.jsonl.gz", "--layout", "lhotse", "-o", "again", "--quiet")
for path in files.shards("labelled"):
    check(pathlib.Path("labelled", path).read_bytes() == pathlib.Path("again", path).read_bytes(), f"again: {path}")

# What lhotse makes: one and two channels, pieces, cuts.
speech = rng.integers(-9000, 9000, (48001, 2)).astype(np.int16)
soundfile.write("mono.wav", speech[:, 0], 16000)
soundfile.write("stereo.flac", speech, 16000)
recordings = lhotse.RecordingSet.from_recordings(lhotse.Recording.from_file(p) for p in ("mono.wav", "stereo.flac"))
segments = [
    lhotse.SupervisionSegment(
        id=f"{recording}-{channel}-{i}", recording_id=recording, start=start, duration=duration, channel=channel,
        text=f"WORD {i}", speaker=f"s{channel}",
        alignment={"phone": [AlignmentItem("AH", start, duration / 2), AlignmentItem("T", start + duration / 2, duration / 2)]})
    for recording, channel in (("mono", 0), ("stereo", 0), ("stereo", 1))
    for i, (start, duration) in enumerate([(0.0, 0.51), (0.51, 1.00003), (1.23456, 1.7654), (0.00003, 3.0)])]
supervisions = lhotse.SupervisionSet.from_segments(segments)
pathlib.Path("made").mkdir()
recordings.to_file("made/x_recordings_all.jsonl.gz")
supervisions.to_file("made/x_supervisions_all.jsonl.gz")
run("cpc-shard", "made", "--layout", "lhotse", "-o", "made-d", "--quiet")
found = records("made-d")
for segment in segments:
    recording = recordings[segment.recording_id]
    audio = recording.load_audio(channels=segment.channel, offset=segment.start, duration=min(segment.duration, recording.duration - segment.start))
    check(same(found[segment.id][0], audio), f"{segment.id}: samples of a supervision")
cuts = lhotse.CutSet.from_manifests(recordings=recordings, supervisions=supervisions)
cuts = cuts.trim_to_supervisions(keep_overlapping=False).to_eager()
cuts.to_file("trimmed.jsonl.gz")
run("cpc-shard", "trimmed.jsonl.gz", "--layout", "lhotse", "-o", "trimmed-d", "--quiet")
found, by_segment = records("trimmed-d"), found
for cut in cuts:
    check(same(found[cut.id][0], cut.load_audio()), f"{cut.id}: samples of a cut")
    check(np.array_equal(found[cut.id][1], by_segment[cut.supervisions[0].id][1]), f"{cut.id}: phones of a cut")
odd = lhotse.CutSet.from_cuts([cuts[0].perturb_speed(0.9), cuts[0].append(cuts[1]), cuts[1].pad(9.0), cuts[0].with_id("good")])
odd.to_file("odd.jsonl")
check(set(scan("odd.jsonl", "--layout", "lhotse", status=1)) == {"good"}, "cuts that are not read")


# The layouts beside lhotse's recipes.
def write(path, text=None, rate=16000, seconds=0.5, **options):
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    if text is None:
        soundfile.write(path, rng.integers(-9000, 9000, int(rate * seconds)).astype(np.int16), rate, **options)
    else:
        path.write_text(text)


def compare(layout, lines, sets, text=lambda s: s.text, key=lambda i: i, speaker=lambda s: s.speaker, tolerance=1e-6):
    supervisions = {key(s.id): s for part in sets for s in part["supervisions"]}
    check(supervisions.keys() == lines.keys() and len(lines) > 1, f"{layout}: {sorted(supervisions)} and {sorted(lines)}")
    for id, line in lines.items():
        s = supervisions.get(id)
        if s is None:
            continue
        check(line.get("text") == text(s), f"{layout} {id}: {line.get('text')!r} and {text(s)!r}")
        check(line["group"] == speaker(s), f"{layout} {id}: {line['group']} and {speaker(s)}")
        check(abs(line["samples"] / line["rate"] - s.duration) <= tolerance, f"{layout} {id}: duration")


phn = [(0, 1600, "h#"), (1600, 3200, "sh"), (3200, 4000, "ix"), (4000, 4800, "dcl"), (4800, 6400, "jh"), (6400, 7000, "zh"),
       (7000, 7500, "dx"), (7500, 8000, "axr")]
for part, speaker in (("TRAIN", "FCJF0"), ("TRAIN", "MDPK0"), ("TEST", "FAKS0"), ("TEST", "MDAB0")):
    for sentence in ("SA1", "SX37"):
        base = f"timit/data/{part}/DR1/{speaker}/{sentence}"
        write(f"{base}.WAV", format="NIST")
        write(f"{base}.TXT", "0 8000 She had your dark suit, all year.\n")
        write(f"{base}.WRD", "1600 8000 she\n")
        write(f"{base}.PHN", "".join(f"{b} {e} {p}\n" for b, e, p in phn))
for phones, options in ((60, []), (39, ["--phone-map", "timit39"])):
    sets = list(prepare_timit("timit", num_phones=phones).values())
    compare("timit", scan("timit", "--layout", "timit"), sets, key=lambda i: i.replace("-", "/"))
    labels = {}
    for line in map(json.loads, run("cpc-align", "convert", "timit", "--to", "jsonl", *options).splitlines()):
        labels["-".join(line["id"].split("/")[-2:])] = line["phones"]
    for s in (s for part in sets for s in part["supervisions"]):
        theirs = [[i.symbol, round(i.start, 6), round(i.start + i.duration, 6)] for i in s.alignment["phone"]]
        check(labels.get(s.id) == theirs, f"timit {phones} {s.id}: {labels.get(s.id)} and {theirs}")

for speaker, chapter in ((84, 121123), (174, 50561)):
    ids = [f"{speaker}_{chapter}_{p:06}_000000" for p in range(2)]
    base = f"libritts/dev-clean/{speaker}/{chapter}"
    for id in ids:
        write(f"{base}/{id}.wav", rate=24000)
        write(f"{base}/{id}.normalized.txt", f"Mister {id}, go.")
        write(f"{base}/{id}.original.txt", f"Mr. {id}, go.")
    write(f"{base}/{speaker}_{chapter}.trans.tsv", "".join(f"{i}\tMr. {i}, go.\tMister {i}, go.\n" for i in ids))
    write(f"{base}/{speaker}_{chapter}.book.tsv", "".join(f"{i}\t12.5\n" for i in ids))
compare("libritts", scan("libritts", "--layout", "libritts"), prepare_libritts("libritts", "dev-clean").values())

for book, split in enumerate(("train", "dev", "test")):
    ids = [f"{speaker}_{book}_{n:06}" for speaker in (10, 11) for n in range(2)]
    for id in ids:
        write(f"mls/mls_polish/{split}/audio/{id.split('_')[0]}/{book}/{id}.flac")
    write(f"mls/mls_polish/{split}/transcripts.txt", "".join(f"{id}\tjeden dwa {id}\n" for id in ids))
write("mls/mls_polish/metainfo.txt", "10 | F | x\n11 | M | x\n")
compare("mls", scan("mls/mls_polish", "--layout", "mls"), prepare_mls("mls", opus=False)["polish"].values())

for i in range(4):
    write(f"cv/pl/clips/common_voice_pl_{i}.mp3", rate=48000, seconds=1, format="MP3")
header = "client_id\tpath\tsentence\tup_votes\tdown_votes\tage\tgender\taccents\tvariant\tlocale\tsegment\n"
for split, numbers in (("train", [0, 1]), ("dev", [2]), ("test", [3])):
    write(f"cv/pl/{split}.tsv", header + "".join(f"c{i % 2}\tcommon_voice_pl_{i}.mp3\t\"Tak\", {i}.\t2\t0\t\t\t\t\tpl\t\n" for i in numbers))
# Its workers import the main module again, which must not be this one.
recipe = "from lhotse.recipes import prepare_commonvoice; prepare_commonvoice('cv', 'cv-out', languages='pl')"
done = subprocess.run([sys.executable, "-c", recipe], capture_output=True, text=True)
check(done.returncode == 0, f"prepare_commonvoice: {done.stderr}")
sets = [{"supervisions": lhotse.load_manifest(f"cv-out/cv-pl_supervisions_{split}.jsonl.gz")} for split in ("train", "dev", "test")]
compare("common-voice", scan("cv/pl", "--layout", "common-voice"), sets, tolerance=0.1)

for i in range(3):
    write(f"LJSpeech-1.1/wavs/LJ001-000{i}.wav", rate=22050)
write("LJSpeech-1.1/metadata.csv", "".join(f"LJ001-000{i}|In {i}|In number {i}\n" for i in range(3)))
compare("ljspeech", scan("LJSpeech-1.1", "--layout", "ljspeech"), [prepare_ljspeech("LJSpeech-1.1")],
        text=lambda s: s.custom["normalized_text"], speaker=lambda s: "LJ")

transcripts = ""
for split, speaker in (("train", "S0002"), ("dev", "S0724"), ("test", "S0764")):
    for i in range(2):
        id = f"BAC009{speaker}W012{i}"
        write(f"aishell/data_aishell/wav/{split}/{speaker}/{id}.wav")
        transcripts += f"{id} 而 对 楼市 {i}\n"
write("aishell/data_aishell/transcript/aishell_transcript_v0.8.txt", transcripts)
lines = scan("aishell/data_aishell", "--layout", "aishell")
for line in lines.values():
    line["text"] = line["text"].replace(" ", "")
compare("aishell", lines, prepare_aishell("aishell").values())
tally.close(f"lhotse {lhotse.__version__}: {len(wanted)} utterances out and in, {len(segments)} supervisions, six layouts")
