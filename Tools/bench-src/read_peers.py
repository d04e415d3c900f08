#!/usr/bin/env python3
"""Peers: draw windows in shuffled order and hand them over as float32, timed (page cache warm, one process).

    python read_peers.py --corpus LibriSpeech/dev-clean --shards /the/folder/given/to/shard_peers.py
"""
import argparse, glob, json, pathlib, random, time
import numpy as np
import soundfile

WINDOW = 20480


def report(peer, n, start):
    print(json.dumps(dict(peer=peer, windows_per_s=round(n / (time.perf_counter() - start)))))


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--corpus", required=True)
    ap.add_argument("--shards", required=True)
    a = ap.parse_args()

    from streaming import StreamingDataset
    dataset = StreamingDataset(local=f"{a.shards}/mosaicml-streaming", shuffle=True, batch_size=8, shuffle_seed=1)
    start, n = time.perf_counter(), 0
    for sample in dataset:
        sample["samples"].astype(np.float32) * (1 / 32768)
        n += 1
    report("mosaicml-streaming MDS", n, start)

    import webdataset
    urls = sorted(glob.glob(f"{a.shards}/webdataset/*.tar"))
    start, n = time.perf_counter(), 0
    for (x,) in webdataset.WebDataset(urls, shardshuffle=False).shuffle(2000).decode().to_tuple("npy"):
        x.astype(np.float32) * (1 / 32768)
        n += 1
    report("webdataset (shuffle buffer 2000)", n, start)

    files = sorted(pathlib.Path(a.corpus).rglob("*.flac"))
    rng = random.Random(0)
    start, n = time.perf_counter(), 0
    while n < 1500:
        with soundfile.SoundFile(rng.choice(files)) as f:
            if f.frames < WINDOW:
                continue
            f.seek(rng.randrange(f.frames - WINDOW + 1))
            f.read(WINDOW, dtype="float32")
            n += 1
    report("soundfile seek + decode from FLAC", n, start)

    plane = np.random.default_rng(0).integers(-9999, 9999, (8192, WINDOW), dtype=np.int16)
    path = pathlib.Path(a.shards) / "plane.i16"
    plane.tofile(path)
    plane = np.memmap(path, dtype=np.int16, mode="r").reshape(-1, WINDOW)
    plane.max()
    order = np.random.default_rng(1).permutation(len(plane))
    start = time.perf_counter()
    for i in range(0, len(order), 8):
        plane[order[i:i + 8]].astype(np.float32) * (1 / 32768)
    report("numpy memmap of one bare plane (the ceiling)", len(order), start)


if __name__ == "__main__":
    main()
