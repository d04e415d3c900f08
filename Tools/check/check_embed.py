#!/usr/bin/env python3
"""Compares cpc-embed's features with PyTorch's and NumPy's.

    check_embed.py CPC-EMBED CPC-TRAIN DATASET

Trains a small model for two updates, and embeds a dataset with it, per window and over whole utterances: z and c of every
frame against the model of Tools/torch on the same samples. MFCC: derivatives and stacking against their definitions.
Labels, splits and utterances must be those of the dataset of audio.
"""
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "torch"))
import cpc_tools
import dataset as files

CELL = 160
tally = files.Tally("check_embed")
expect = tally.check


def run(*words):
    result = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    if result.returncode:
        sys.exit(f"{' '.join(map(str, words))}: {result.stderr}")


def utterance(folder, i, plane):
    """All units of an utterance, and the rows of a plane of cells."""
    first, end = folder.utterance_offsets[i], folder.utterance_offsets[i + 1]
    if first == end:
        return np.zeros((0,))
    shard, row = folder.locate(int(first))
    rows = shard[plane][row:row + int(end - first)]
    return rows.reshape(-1, *rows.shape[2:])


def pieces(samples, window):
    """Windows of an utterance, the last padded with zeros."""
    padded = np.zeros(-(-len(samples) // window) * window, np.int16)
    padded[:len(samples)] = samples
    return torch.from_numpy(padded.reshape(-1, window))


def derivatives(cepstra):
    """Kaldi's add-deltas, window 2, order 2."""
    first = np.arange(-2, 3) / 10
    result = []
    for weights in ([1.0], first, np.convolve(first, first)):
        half = len(weights) // 2
        padded = np.pad(cepstra, ((half, half), (0, 0)), mode="edge")
        result.append(sum(w * padded[k:k + len(cepstra)] for k, w in enumerate(weights)))
    return np.concatenate(result, axis=1)


def main():
    embed, train, dataset = sys.argv[1], sys.argv[2], sys.argv[3]
    audio = cpc_tools.Dataset(dataset)
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        for name, flags in {"plain": [], "normed": ["--normalisation", "channel", "--input", "window", "--window", 9600]}.items():
            run(train, dataset, "-o", scratch / name, "--channels", 24, "--context", 20, "--updates", 2, "--quiet", *flags)
            checkpoint = next((scratch / name / "checkpoints").iterdir())
            model = cpc_tools.load(checkpoint)
            window = 9600 if flags else 20480
            for context in ("window", "utterance"):
                for dtype, tolerance in (("f32", 2e-5), ("f16", 2e-3)):
                    out = scratch / f"{name}-{context}-{dtype}"
                    run(embed, checkpoint, dataset, "-o", out, "--layer", "both", "--context", context, "--type", dtype,
                        "--quiet")
                    compare(model, audio, cpc_tools.Dataset(out), window, context, tolerance)
            run(embed, checkpoint, dataset, "-o", scratch / "c", "--quiet", "--force")
            both = cpc_tools.Dataset(scratch / f"{name}-window-f32")
            c = cpc_tools.Dataset(scratch / "c")
            expect(all(np.array_equal(b["features"][:, :, 24:], a["features"]) for a, b in zip(c.shards, both.shards)),
                   "c is the end of both")
        run(embed, dataset, "-o", scratch / "mfcc", "--features", "mfcc", "--quiet")
        run(embed, dataset, "-o", scratch / "stacked", "--features", "mfcc", "--stack", 3, "--quiet")
        compare_cepstra(audio, cpc_tools.Dataset(scratch / "mfcc"), cpc_tools.Dataset(scratch / "stacked"))
    tally.close()


def compare(model, audio, features, window, context, tolerance):
    expect(features.kind == "features" and features.ids == audio.ids, "the same utterances")
    for i in range(0, len(audio.ids), 3):
        samples = np.array(utterance(audio, i, "samples"))[:audio.unit_counts[i]]
        frames = -(-len(samples) // CELL)
        expect(features.unit_counts[i] == frames, f"utterance {i}: {features.unit_counts[i]} frames, not {frames}")
        expect(np.array_equal(utterance(audio, i, "phones")[:frames], utterance(features, i, "phones")[:frames]),
               f"utterance {i}: other labels")
        with torch.no_grad():
            if context == "window":
                windows = pieces(samples, window)
                scaled = scale(model, samples, windows)
                z, c = model(scaled)
                z, c = z.reshape(-1, z.shape[2]), c.reshape(-1, c.shape[2])
            else:
                # Zeros follow the utterance, as many as its last frame can see.
                scaled = model.scale(torch.from_numpy(samples)[None])
                z, c = model(torch.nn.functional.pad(scaled, (0, (frames + 4) * CELL - len(samples))))
                z, c = z[0], c[0]
            wanted = torch.cat([z, c], dim=1)[:frames].numpy()
        given = np.array(utterance(features, i, "features")[:frames], np.float32)
        difference = np.abs(given - wanted).max() / max(1, np.abs(wanted).max())
        expect(difference < tolerance, f"utterance {i}, {context}: differs by {difference}")
        rest = utterance(features, i, "features")[frames:]
        expect(not rest.size or not np.any(rest), f"utterance {i}: something follows its end")


def scale(model, samples, windows):
    """As model.scale, but that the zeros after an utterance's end are no part of a window's mean and deviation."""
    if model.input != "window":
        return model.scale(windows)
    rows = []
    for k, window in enumerate(windows):
        valid = min(len(window), len(samples) - k * len(window))
        rows.append(torch.nn.functional.pad(model.scale(window[None, :valid])[0], (0, len(window) - valid)))
    return torch.stack(rows)


def compare_cepstra(audio, plain, stacked):
    for i in range(len(audio.ids)):
        frames = plain.unit_counts[i]
        given = np.array(utterance(plain, i, "features")[:frames])
        known = (int(audio.unit_counts[i]) + CELL // 2) // CELL
        wanted = derivatives(given[:known, :13].astype(np.float64))
        wanted = np.pad(wanted, ((0, frames - known), (0, 0)), mode="edge")
        expect(np.abs(given - wanted).max() < 1e-3, f"utterance {i}: derivatives differ by {np.abs(given - wanted).max()}")
        padded = np.pad(given, ((3, 3), (0, 0)), mode="edge")
        wanted = np.concatenate([padded[k:k + frames] for k in range(7)], axis=1)
        expect(np.array_equal(utterance(stacked, i, "features")[:frames], wanted), f"utterance {i}: other stacks")


if __name__ == "__main__":
    main()
