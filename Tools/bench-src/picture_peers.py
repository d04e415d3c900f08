#!/usr/bin/env python3
"""Peers: pictures of class folders to 300 x 300 RGB with Pillow, by as many processes as cores, into WebDataset or MDS.

    python picture_peers.py --corpus FOLDER --out /some/empty/folder webdataset mosaicml-streaming
"""
import argparse, concurrent.futures, functools, json, os, pathlib, shutil, time

import numpy as np
from PIL import Image, ImageOps


def picture(path):
    image = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
    return np.asarray(ImageOps.fit(image, (300, 300), Image.Resampling.BICUBIC))


def wds(job, out):
    import webdataset
    number, paths = job
    with webdataset.TarWriter(f"{out}/{number:05d}.tar") as writer:
        for path, label in paths:
            writer.write({"__key__": path.stem, "npy": picture(path), "cls": label})


def mds(job, out):
    from streaming import MDSWriter
    number, paths = job
    with MDSWriter(out=f"{out}/{number}", columns={"image": "ndarray:uint8:300,300,3", "label": "int"}) as writer:
        for path, label in paths:
            writer.write({"image": picture(path), "label": label})


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--corpus", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("peers", nargs="+", choices=["webdataset", "mosaicml-streaming"])
    a = parser.parse_args()
    folders = sorted(path for path in pathlib.Path(a.corpus).rglob("*") if path.is_dir())
    paths = [(path, label) for label, folder in enumerate(folders) for path in sorted(folder.glob("*.jpg"))]
    cores = len(os.sched_getaffinity(0))
    jobs = [(number, paths[number::4 * cores]) for number in range(4 * cores)]
    for name in a.peers:
        run = wds if name == "webdataset" else mds
        out = pathlib.Path(a.out, name)
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir(parents=True)
        with concurrent.futures.ProcessPoolExecutor(cores) as pool:
            list(pool.map(len, [[]] * cores))  # the processes are there before the clock runs
            start = time.perf_counter()
            list(pool.map(functools.partial(run, out=out), jobs))
            seconds = time.perf_counter() - start
        print(json.dumps({"peer": name, "pictures": len(paths), "seconds": round(seconds, 3)}))


if __name__ == "__main__":
    main()
