#!/usr/bin/env python3
"""Peer: torchvision's DataLoader over class folders of JPEGs, as its users write it: decoded, scaled and cut to records'
size, cropped at random, turned, grey, floats. One JSON object.

    pip install 'torch==2.13.0+cpu' && pip install --no-deps torchvision==0.28.0
    python crop_peer.py FOLDER --record 300 --crop 256 --workers 2
"""
import argparse, json, time
import torch

try:
    import torchvision
except RuntimeError:
    # A torchvision of another build than torch's: its operators, which are not needed here, cannot be loaded, but are asked for.
    operators = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        operators.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    import torchvision
from torchvision.datasets import ImageFolder
from torchvision.transforms import v2


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--record", type=int, required=True)
    parser.add_argument("--crop", type=int, required=True)
    parser.add_argument("--workers", type=int, required=True)
    args = parser.parse_args()
    transform = v2.Compose([
        v2.Resize(args.record), v2.CenterCrop(args.record), v2.RandomCrop(args.crop), v2.RandomHorizontalFlip(), v2.Grayscale(),
        v2.ToImage(), v2.ToDtype(torch.float32, scale=True), v2.Normalize([0.5], [0.25])])
    loader = torch.utils.data.DataLoader(
        ImageFolder(args.folder, transform), batch_size=8, shuffle=True, num_workers=args.workers, drop_last=True)
    start, pictures = time.perf_counter(), 0
    for batch, _ in loader:
        pictures += len(batch)
    print(json.dumps(dict(peer="torchvision " + torchvision.__version__, workers=args.workers,
                          pictures_per_second=round(pictures / (time.perf_counter() - start), 1))))


if __name__ == "__main__":
    main()
