"""The model and loss of cpc_tools on a graphics card: the same numbers as on the processor, and how fast.

    python -m cpc_tools.check_gpu [DATASET] [--minutes 4] [--device cuda] [--small]

1. Loss and gradients of one update in fp32 (TF32 off) on the card against the processor, for the five ways of drawing
   negatives, all of them and 128 drawn: relative errors of the loss and of the gradient as one vector, at most 1e-4.
   The drawn sets are the same on both. bf16 autocast against fp32 on the card: the loss at most 1e-2 apart; the
   gradient's deviation is stated, not bounded: before training, scores differ by less than bf16 tells apart.
2. An update at the paper's size (512 channels, contexts of 256, windows of 20480 samples, 12 steps), batches of 8 and
   64: fp32 without and with TF32, bf16 autocast, and bf16 under torch.compile. Medians.
3. Windows a second that a DataLoader with cpc_tools feeds from DATASET (of cpc-shard; else records of noise, made for the
   purpose), with 2, 4 and 8 workers, against what the fastest of those updates takes.

Prints tables; exits 1 if something of 1 is above its bound. What --minutes leaves no time for is named, not run. Without
a card it says so and exits 0; --device cpu --small tries the check itself on a processor.
"""
from __future__ import annotations

import argparse
import json
import os
import pathlib
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any, Optional

import numpy as np
import torch
import xxhash
from safetensors.numpy import save_file
from torch import Tensor

import cpc_tools

EXACT, ROUNDED = 1e-4, 1e-2
WINDOW = 20480


class Check:
    def __init__(self, arguments: argparse.Namespace) -> None:
        self.device = torch.device(arguments.device)
        self.small = arguments.small
        self.deadline = time.monotonic() + 60 * arguments.minutes
        self.failed = 0
        self.skipped: list[str] = []

    def time_for(self, seconds: float, what: str) -> bool:
        """Whether there are so many seconds left; if not, `what` is put on the list of what was not run."""
        if time.monotonic() + seconds < self.deadline:
            return True
        self.skipped.append(what)
        return False

    def synchronize(self) -> None:
        if self.device.type == "cuda":
            torch.cuda.synchronize()


def tf32(enabled: bool) -> None:
    torch.backends.cuda.matmul.allow_tf32 = enabled
    torch.backends.cudnn.allow_tf32 = enabled


def noise(windows: int, window: int, seed: int) -> Tensor:
    """int16 noise of falling spectrum, so that neighbouring latents are alike as those of speech are."""
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(windows, window, generator=generator).cumsum(1)
    x = x - torch.nn.functional.avg_pool1d(x[:, None], 401, 1, 200, count_include_pad=False)[:, 0]
    return (x * (3000 / x.std())).clamp(-32768, 32767).to(torch.int16)


def model(device: str | torch.device, channels: int, context: int, **settings: Any) -> cpc_tools.AudioCPC:
    torch.manual_seed(1)
    return cpc_tools.AudioCPC(channels, context, input="gain", gain=11.0, **settings).to(device)


def loss_of(net: cpc_tools.AudioCPC, samples: Tensor, **negatives: Any) -> Tensor:
    return torch.stack(net.info_nce(*net(net.scale(samples)), **negatives)).mean()


def gradient(net: cpc_tools.AudioCPC, samples: Tensor, autocast: bool = False,
             **negatives: Any) -> tuple[Tensor, Tensor]:
    """The loss and the gradient of all parameters as one vector, on the processor."""
    net.zero_grad()
    with torch.autocast(samples.device.type, torch.bfloat16, enabled=autocast):
        loss = loss_of(net, samples, **negatives)
    loss.backward()  # type: ignore[no-untyped-call]
    return loss.detach().double().cpu(), torch.cat([p.grad.double().flatten().cpu() for p in net.parameters()
                                                        if p.grad is not None])


def relative(mine: Tensor, reference: Tensor) -> float:
    return float((mine - reference).norm() / reference.norm())


def parity(check: Check) -> None:
    # Windows of twice the size, so that there are 128 candidates in one.
    channels, context, batch, window = (32, 16, 3, 5120) if check.small else (128, 64, 4, 2 * WINDOW)
    frames, drawn = window // 160, 16 if check.small else 128
    samples = noise(batch, window, 2)
    title = f"{channels} channels, {context} units, {batch} windows of {window} samples"
    print(f"1. fp32 on {check.device} against the processor ({title}); bf16 autocast against fp32\n")
    print(f"{'negatives':20} {'drawn':>6} {'loss':>9} {'its error':>10} {'gradient':>10} {'bf16 loss':>10} {'gradient':>10}")
    tf32(False)
    here, there = model("cpu", channels, context), model(check.device, channels, context)
    cases: list[tuple[str, Optional[int], dict[str, Any]]] = []
    cases += [(name, number, {}) for name in cpc_tools.POOLS for number in (None, drawn)]
    cases += [("same-speaker-excl", drawn, dict(normalisation="channel", score="cosine")),
              ("mixed-speaker", None, dict(normalisation="channel", score="mean"))]
    for name, number, settings in cases:
        if settings:
            here, there = model("cpu", channels, context, **settings), model(check.device, channels, context, **settings)
        negatives: dict[str, Any] = dict(pool=name, num_negatives=number, seed=3, batch=7)
        same = number is None or same_draws(check.device, name, batch, frames, number)
        loss, reference = gradient(here, samples, **negatives)
        card = samples.to(check.device)
        card_loss, card_gradient = gradient(there, card, **negatives)
        low_loss, low_gradient = gradient(there, card, autocast=True, **negatives)
        errors = [relative(card_loss, loss), relative(card_gradient, reference)]
        low = [relative(low_loss, card_loss), relative(low_gradient, card_gradient)]
        # Written so that an error that is no number fails, too.
        good = same and all(error <= EXACT for error in errors) and low[0] <= ROUNDED and low[1] == low[1]
        check.failed += not good
        label = name + (f", {settings['score']}" if settings else "")
        print(f"{label:26}{number or 'all':>4} {float(loss):9.4f} {errors[0]:10.1e} {errors[1]:10.1e} {low[0]:10.1e} "
              f"{low[1]:10.1e}{'' if good else '  ABOVE ITS BOUND' if same else '  OTHER NEGATIVES'}")


def same_draws(device: torch.device, pool: str, windows: int, frames: int, count: int) -> bool:
    """Whether the card draws the same negatives as the processor, for every anchor of the first and the last step."""
    anchors = torch.arange(windows * frames).view(windows, frames)[:, :frames - 12].flatten()
    for step in (1, 12):
        here, there = (cpc_tools.draw_negatives(pool, windows, frames, count, 3, 7, anchors.to(place), step)
                       for place in ("cpu", device))
        if not torch.equal(here, there.cpu()):
            return False
    return True


def updates(check: Check) -> float:
    """Windows a second of the fastest update."""
    channels, context, window = (16, 8, 5120) if check.small else (512, 256, WINDOW)
    print(f"\n2. An update, {channels} channels, {context} units, windows of {window} samples, all negatives of the batch\n")
    print(f"{'batch':>5} {'precision':16} {'ms':>9} {'windows/s':>10} {'peak MiB':>9}")
    fastest = 0.0
    for batch in (2, 4) if check.small else (8, 64):
        kinds = [("fp32", False, False, False), ("TF32", True, False, False), ("bf16", True, True, False),
                 ("bf16, compiled", True, True, True)]
        for name, with_tf32, autocast, compiled in kinds:
            if compiled and check.small:
                continue
            if not check.time_for(60 if compiled else 15, f"updates of {batch} windows in {name}"):
                continue
            tf32(with_tf32)
            net = model(check.device, channels, context)
            optimizer = torch.optim.Adam(net.parameters(), lr=2e-4)
            samples = noise(batch, window, 4).to(check.device)
            # What a cuDNN GRU does is left to cuDNN: the compiler would unroll it.
            forward = torch.compile(loss_of) if compiled else loss_of

            def update() -> None:
                with torch.autocast(check.device.type, torch.bfloat16, enabled=autocast):
                    loss = forward(net, samples)
                optimizer.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                optimizer.step()

            if check.device.type == "cuda":
                torch.cuda.reset_peak_memory_stats()
            times = timed(check, update, 2 if check.small else 20)
            peak = torch.cuda.max_memory_allocated() >> 20 if check.device.type == "cuda" else "-"
            fastest = max(fastest, batch / times)
            print(f"{batch:5} {name:16} {1000 * times:9.2f} {batch / times:10.0f} {peak:>9}", flush=True)
            del net, optimizer, samples, update
    tf32(False)
    return fastest


def timed(check: Check, update: Callable[[], None], count: int) -> float:
    """Median seconds of an update, after three that warm up."""
    for _ in range(3):
        update()
    seconds = []
    for _ in range(count):
        check.synchronize()
        begin = time.perf_counter()
        update()
        check.synchronize()
        seconds.append(time.perf_counter() - begin)
    return statistics.median(seconds)


def noise_dataset(path: pathlib.Path, records: int) -> None:
    """A dataset of noise as cpc-shard lays one out, of utterances of 8 records each; what cpc_tools reads is there."""
    (path / "shards").mkdir(parents=True)
    rows = np.arange(records)
    planes = dict(samples=noise(records, WINDOW, 5).numpy(), start=rows % 8 * WINDOW, checksum=np.zeros(records, np.uint64),
                  valid=np.full(records, WINDOW, np.int32), utterance=(rows // 8).astype(np.int32),
                  group=np.zeros(records, np.int32), phones=np.full((records, WINDOW // 160), 255, np.uint8))
    save_file(planes, path / "shards/00000.safetensors", {"cpc.schema": "1", "cpc.kind": "audio"})
    save_file(dict(utterance_offsets=np.arange(0, records + 1, 8), shard_offsets=np.array([0, records])),
              path / "index.safetensors")
    (path / "utterances.jsonl").write_text("".join(f'{{"id":"{u}"}}\n' for u in range(records // 8)))
    files: list[dict[str, Any]] = [dict(path=str(file.relative_to(path)), bytes=file.stat().st_size)
             for file in sorted(path.rglob("*")) if file.is_file()]
    files = [dict(file, records=records) if file["path"].startswith("shards/") else file for file in files]
    card = json.dumps(dict(schema=1, kind="audio", groups=[dict(name="noise")], files=files))[:-1].encode() + b",\n"
    (path / "dataset.json").write_bytes(card + b'  "digest": "' + xxhash.xxh3_128(card).hexdigest().encode() + b'"\n}\n')


def feeding(check: Check, dataset: Optional[str], appetite: float, scratch: pathlib.Path) -> None:
    batch, count = 64, 8 if check.small else 200
    if not dataset:
        noise_dataset(scratch / "noise", 128 if check.small else 1024)
        dataset = str(scratch / "noise")
    training, _ = cpc_tools.divide(dataset, batch=batch)
    size = f"{len(training)} windows of {dataset}"
    print(f"\n3. Feeding: DataLoader, batches of {batch}, {size}; the card takes {appetite:.0f} windows/s\n")
    print(f"{'workers':>7} {'windows/s':>10} {'of the appetite':>16}")
    for workers in (1, 2) if check.small else (2, 4, 8):
        if workers > (os.cpu_count() or 1):
            check.skipped.append(f"feeding with {workers} workers: {os.cpu_count()} cores")
            continue
        if not check.time_for(20, f"feeding with {workers} workers"):
            continue
        sampler = cpc_tools.PlanSampler(training, "mixed-speaker", batch, seed=1, updates=count)
        loader = torch.utils.data.DataLoader(training, batch_sampler=sampler, num_workers=workers,
                                             pin_memory=check.device.type == "cuda")
        begin = 0.0
        for i, item in enumerate(loader):
            item["samples"].to(check.device, non_blocking=True)
            if i == count // 4:  # what the workers take to start does not count
                begin = time.perf_counter()
        check.synchronize()
        rate = batch * (count - 1 - count // 4) / (time.perf_counter() - begin)
        print(f"{workers:7} {rate:10.0f} {rate / appetite:15.2f} x", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m cpc_tools.check_gpu", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", nargs="?")
    parser.add_argument("--minutes", type=float, default=4)
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--small", action="store_true")
    arguments = parser.parse_args()
    if arguments.device.startswith("cuda") and not torch.cuda.is_available():
        print("check_gpu: skipped: PyTorch sees no CUDA device")
        return
    check = Check(arguments)
    name = torch.cuda.get_device_name(check.device) if check.device.type == "cuda" else "processor"
    print(f"{name}, PyTorch {torch.__version__}, {os.cpu_count()} cores\n")
    parity(check)
    appetite = updates(check)
    with tempfile.TemporaryDirectory() as scratch:
        feeding(check, arguments.dataset, appetite, pathlib.Path(scratch))
    print()
    for what in check.skipped:
        print(f"not run: {what}")
    print(f"check_gpu: {'parity holds' if not check.failed else f'{check.failed} above their bounds'}")
    sys.exit(1 if check.failed else 0)


if __name__ == "__main__":
    main()
