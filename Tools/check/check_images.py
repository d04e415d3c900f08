#!/usr/bin/env python3
"""Records of images against Pillow: every pixel of a dataset that cpc-shard makes of a folder of class folders.

usage: check_images.py CPC_SHARD FOLDER [--fit crop|pad] [--filter bicubic] [--size 300]

Pillow's pipeline: open, exif_transpose, RGBA over white with alpha_composite where there is alpha or a transparent colour
(else convert("RGB")), then ImageOps.fit or ImageOps.pad. Pillow before 12 resizes lines first, as cpc-shard does; a later
one may differ by some levels where a picture shrinks much more in height than in width, which the means show.
"""
import argparse, json, pathlib, subprocess, tempfile, warnings

import numpy as np
from PIL import Image, ImageOps

from dataset import Tally, arrays, header

warnings.simplefilter("ignore")


def pillow(path, options):
    image = ImageOps.exif_transpose(Image.open(path))
    if image.mode in ("I;16", "I"):
        image = Image.fromarray((np.asarray(image).astype(np.uint32) >> 8).astype(np.uint8))
    elif image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    frame = ImageOps.fit if options.fit == "crop" else ImageOps.pad
    color = {} if options.fit == "crop" else {"color": "white"}
    size = (options.size, options.size)
    return np.asarray(frame(image.convert("RGB"), size, Image.Resampling[options.filter.upper()], **color))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tool")
    parser.add_argument("folder")
    parser.add_argument("--fit", default="crop")
    parser.add_argument("--filter", default="bicubic")
    parser.add_argument("--size", type=int, default=300)
    options = parser.parse_args()
    tally = Tally("check_images")
    worst = total = same = refused = 0
    with tempfile.TemporaryDirectory() as scratch:
        out = pathlib.Path(scratch, "d")
        subprocess.run([options.tool, options.folder, "--layout", "class-folders", "-o", out, "--size",
                        str(options.size), "--fit", options.fit, "--filter", options.filter], stderr=subprocess.DEVNULL)
        shards = []
        for path in sorted((out / "shards").iterdir()):
            data = np.memmap(path, np.uint8, "r")
            shards.append(arrays(data, header(data)[1]))
        classes = json.loads((out / "dataset.json").read_text())["label_sets"][0]["classes"]
        for line in (out / "utterances.jsonl").read_text("utf-8").split("\n"):
            if not line:
                continue
            entry = json.loads(line)
            if entry["rows"] == 0:
                refused += 1
                continue
            planes = shards[entry["shard"]]
            tally.check(classes[planes["label"][entry["row"]]] == entry["class"], f"{entry['id']}: another class")
            try:
                expected = pillow(pathlib.Path(options.folder, entry["id"]), options).astype(int)
            except Exception as error:
                print(f"Pillow does not read {entry['id']}: {error}")
                continue
            difference = np.abs(planes["pixels"][entry["row"]].astype(int) - expected)
            tally.check(difference.mean() <= 2, f"{entry['id']}: {difference.mean():.2f} levels in the mean")
            total, same, worst = total + 1, same + (difference.max() == 0), max(worst, difference.mean())
    tally.check(refused <= total / 5, f"{refused} images refused, {total} read")
    tally.close(f"{total} images, {refused} refused, {same} the same in every pixel, the worst {worst:.3f} levels in the mean")


main()
