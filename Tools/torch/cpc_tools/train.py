"""Trains the audio model on a dataset of cpc-shard with PyTorch, in the order and with the loss of cpc-train.

    python -m cpc_tools.train DATASET -o RUN --updates 1000 --negatives same-speaker --num-negatives 128
    torchrun --nproc-per-node 8 -m cpc_tools.train DATASET -o RUN

Checkpoints are written to RUN/checkpoints, each under a name of its own, every --save-every updates and at the end;
RUN/latest names the last. Where there is one, training goes on from it: a flag that is left out is what the checkpoint
says, and one that differs is refused. `cpc-train DATASET -o RUN --resume` goes on from it, too.

An update is the mean of --accumulate batches over all processes. Any number of processes that divides it takes the same
batches, so a run may go on with more or fewer.
"""
from __future__ import annotations

import argparse
import json
import os
import pathlib
import sys
from typing import Any, Optional

import torch
import torch.distributed as dist
from torch import Tensor
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader

import cpc_tools
from cpc_tools.checkpoints import replace

# Flags that a run keeps: their names in `cpc.config`, and what they are where nothing is said.
DEFAULTS: dict[str, Any] = dict(channels=512, context=256, steps_ahead=12, negatives="mixed-speaker", num_negatives="all",
                                crop="none", batch=8, accumulate=None, seed=1, learning_rate=2e-4)
# Settings of cpc-train that are as they are here in every run: the step size never moves, gradients are not clipped.
STEADY: dict[str, Any] = dict(schedule="constant", warmup=0, clip=0)


class Loss(torch.nn.Module):
    """The loss as a forward pass, so that DistributedDataParallel sees every parameter used."""

    def __init__(self, model: cpc_tools.AudioCPC) -> None:
        super().__init__()
        self.model = model

    def forward(self, samples: Tensor, **negatives: Any) -> Tensor:
        z, c = self.model(self.model.scale(samples))
        return torch.stack(self.model.info_nce(z, c, **negatives)).mean()


def number_or_all(text: str) -> int | str:
    return text if text == "all" else int(text)


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m cpc_tools.train", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset")
    parser.add_argument("-o", "--output", type=pathlib.Path, required=True, metavar="RUN", help="the run's folder")
    parser.add_argument("--updates", type=int, default=1000)
    parser.add_argument("--save-every", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=2, help="of DataLoader")
    parser.add_argument("--negatives", choices=list(cpc_tools.POOLS))
    parser.add_argument("--num-negatives", type=number_or_all, metavar="N", help="a number, or all")
    parser.add_argument("--crop", choices=["none", "random"])
    for name in ("batch", "accumulate", "seed", "channels", "context", "steps_ahead"):
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, metavar="N")
    parser.add_argument("--learning-rate", type=float, metavar="X")
    arguments = parser.parse_args()
    for name in ("updates", "save_every"):
        if getattr(arguments, name) < 1:
            parser.error(f"--{name.replace('_', '-')} {getattr(arguments, name)}: at least 1")
    return arguments


def settle(arguments: argparse.Namespace, checkpoint: Optional[pathlib.Path], world: int) -> dict[str, Any]:
    """The settings of the run: those of its checkpoint, which flags may repeat; else the flags and defaults."""
    known = dict(DEFAULTS, accumulate=world)
    if checkpoint is not None:
        config = json.loads(cpc_tools.read_metadata(checkpoint)["cpc.config"])
        if config.get("model", "audio") != "audio":
            raise cpc_tools.CheckpointError(f"{checkpoint}: a model of the kind {config['model']}; this trains audio")
        # What cpc-train can do and this cannot.
        others = [f"--{name} {config[name]}" for name, ours in STEADY.items() if config.get(name, ours) != ours]
        if others:
            raise cpc_tools.CheckpointError(f"{checkpoint}: trained with {' '.join(others)}, which this does not know; "
                                            "cpc-train goes on from it")
        known = {name: config.get(name, known[name]) for name in known}
    given = {name: getattr(arguments, name) for name in known if getattr(arguments, name) is not None}
    if checkpoint is not None:
        different = [f"--{name.replace('_', '-')} {value}, the checkpoint has {known[name]}"
                     for name, value in given.items() if value != known[name]]
        if different:
            raise cpc_tools.CheckpointError(f"{checkpoint}: made with other flags: {'; '.join(different)}. Leave them out, or "
                                            "choose another folder")
    settings = {**known, **given}
    if settings["accumulate"] % world:
        raise ValueError(f"{settings['accumulate']} batches an update (--accumulate) cannot be shared by {world} processes")
    return settings


def check_data(checkpoint: pathlib.Path, data: dict[str, str], dataset: pathlib.Path) -> None:
    """Raises where a checkpoint was trained on something else."""
    said = cpc_tools.read_metadata(checkpoint)
    for name in ("samples", "training_utterances"):
        if said[f"cpc.{name}"] != data[name]:
            raise cpc_tools.CheckpointError(f"{checkpoint}: trained on other data: digest of {name} {said[f'cpc.{name}']}, of "
                                            f"{dataset} {data[name]}")


def main() -> None:
    arguments = parse()
    try:
        train(arguments)
    except (cpc_tools.DatasetError, cpc_tools.CheckpointError, ValueError) as error:
        sys.exit(f"cpc_tools.train: error: {error}")


def train(arguments: argparse.Namespace) -> None:
    rank, world = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
    run: pathlib.Path = arguments.output
    there = run.is_dir() and any((run / name).exists() for name in ("latest", "checkpoints"))
    checkpoint = cpc_tools.find(run, prefer=("latest",)) if there else None
    settings = settle(arguments, checkpoint, world)
    cuda = torch.cuda.is_available()
    device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0))) if cuda else torch.device("cpu")
    if cuda:
        torch.cuda.set_device(device)
    if world > 1:
        dist.init_process_group("nccl" if cuda else "gloo")

    training, held_out = cpc_tools.divide(arguments.dataset, seed=settings["seed"], batch=settings["batch"],
                                          crop=settings["crop"] == "random")
    data = dict(dataset=training.dataset.digest, samples=training.dataset.samples_digest,
                training_utterances=training.digest, held_out_utterances=held_out.digest if held_out else "")
    torch.manual_seed(settings["seed"])
    if checkpoint is not None:
        check_data(checkpoint, data, training.dataset.path)
        loaded = cpc_tools.load(checkpoint, device)
        assert isinstance(loaded, cpc_tools.AudioCPC)
        model = loaded.train()
    else:
        model = cpc_tools.AudioCPC(settings["channels"], settings["context"], settings["steps_ahead"], input="gain",
                                   gain=training.gain()).to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=settings["learning_rate"])
    start = cpc_tools.load_optimizer(optimizer, model, checkpoint) if checkpoint is not None else 0
    if start >= arguments.updates and rank == 0:
        print(f"{checkpoint}: {start} updates are made, and --updates says {arguments.updates}: nothing to do")
    loss_of = DistributedDataParallel(Loss(model), [device.index] if cuda else None) if world > 1 else Loss(model)

    steps, drawn = settings["accumulate"] // world, settings["num_negatives"]
    sampler = cpc_tools.PlanSampler(training, settings["negatives"], settings["batch"], settings["seed"], rank, world, steps,
                                    start, arguments.updates)
    loader = DataLoader(training, batch_sampler=sampler, num_workers=arguments.workers, pin_memory=cuda)
    for taken, batch in enumerate(loader):
        update, step = start + taken // steps, taken % steps
        with torch.autocast(device.type, torch.bfloat16, enabled=cuda):
            loss = loss_of(batch["samples"].to(device, non_blocking=True), pool=settings["negatives"],
                           num_negatives=None if drawn == "all" else drawn, seed=settings["seed"],
                           batch=sampler.number(update, step))
        (loss / steps).backward()
        if step + 1 < steps:
            continue
        optimizer.step()
        optimizer.zero_grad()
        done = update + 1
        if rank == 0 and (done % 10 == 0 or done == arguments.updates):
            print(f"update {done}: loss {loss.item():.4f}", flush=True)
        if rank == 0 and (done % arguments.save_every == 0 or done == arguments.updates):
            keep(run, model, optimizer, done, dict(settings, updates=arguments.updates), data)
    if world > 1:
        dist.destroy_process_group()


def keep(run: pathlib.Path, model: cpc_tools.AudioCPC, optimizer: torch.optim.Optimizer, update: int,
         settings: dict[str, Any], data: dict[str, str]) -> None:
    """Writes a checkpoint, and then that it is the latest."""
    name = f"checkpoints/{update:07d}.safetensors"
    (run / "checkpoints").mkdir(parents=True, exist_ok=True)
    cpc_tools.save(model, run / name, update, optimizer, settings, data)
    replace(run / "latest", f"{name}\n".encode())


if __name__ == "__main__":
    main()
