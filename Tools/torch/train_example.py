#!/usr/bin/env python3
"""Trains the model on a dataset of cpc-shard with PyTorch, in the order and with the loss of cpc-train.

    train_example.py DATASET CHECKPOINT --updates 1000 --negatives same-speaker --num-negatives 128
    torchrun --nproc-per-node 8 train_example.py DATASET CHECKPOINT

It goes on from CHECKPOINT where that exists, and writes it every --save-every updates and at the end.
"""
import argparse
import os
import pathlib

import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader

import cpc_data
import cpc_torch


class Loss(torch.nn.Module):
    """The loss as a forward pass, so that DistributedDataParallel sees every parameter used."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, samples, **negatives):
        z, c = self.model(self.model.scale(samples))
        return torch.stack(self.model.info_nce(z, c, **negatives)).mean()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset")
    parser.add_argument("checkpoint", type=pathlib.Path)
    parser.add_argument("--negatives", choices=cpc_torch.POOLS, default="mixed-speaker")
    parser.add_argument("--num-negatives", type=int)
    parser.add_argument("--crop", action="store_true")
    numbers = dict(batch=8, updates=1000, seed=1, channels=512, context=256, workers=2, save_every=1000)
    for name, default in numbers.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=default)
    parser.add_argument("--learning-rate", type=float, default=2e-4)
    args = parser.parse_args()

    rank, world = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
    cuda = torch.cuda.is_available()
    device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0))) if cuda else torch.device("cpu")
    if cuda:
        torch.cuda.set_device(device)
    if world > 1:
        dist.init_process_group("nccl" if cuda else "gloo")

    training, held_out = cpc_data.divide(args.dataset, seed=args.seed, batch=args.batch, crop=args.crop)
    torch.manual_seed(args.seed)
    resumed = args.checkpoint.exists()
    model = (cpc_torch.load(args.checkpoint, device).train() if resumed else
             cpc_torch.CPC(args.channels, args.context, input="gain", gain=training.gain()).to(device))
    optimizer = torch.optim.Adam(model.parameters(), lr=args.learning_rate)
    start = cpc_torch.load_optimizer(optimizer, model, args.checkpoint) if resumed else 0
    loss_of = DistributedDataParallel(Loss(model), [device.index] if cuda else None) if world > 1 else Loss(model)

    sampler = cpc_data.PlanSampler(training, args.negatives, args.batch, args.seed, rank, world, start=start,
                                   updates=args.updates)
    loader = DataLoader(training, batch_sampler=sampler, num_workers=args.workers, pin_memory=cuda)
    for update, batch in enumerate(loader, start):
        with torch.autocast(device.type, torch.bfloat16, enabled=cuda):
            loss = loss_of(batch["samples"].to(device, non_blocking=True), pool=args.negatives,
                           num_negatives=args.num_negatives, seed=args.seed, batch=sampler.number(update))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        done = update + 1
        if rank == 0 and (done % 10 == 0 or done == args.updates):
            print(f"update {done}: loss {loss.item():.4f}", flush=True)
        if rank == 0 and (done % args.save_every == 0 or done == args.updates):
            cpc_torch.save(
                model, args.checkpoint, done, optimizer,
                dict(negatives=args.negatives, num_negatives=args.num_negatives or "all", batch=args.batch,
                     accumulate=world, crop="random" if args.crop else "none", learning_rate=args.learning_rate,
                     seed=args.seed, updates=args.updates),
                dict(dataset=training.folder.digest, samples=training.folder.samples_digest,
                     training_utterances=training.digest, held_out_utterances=held_out.digest if held_out else ""))
    if world > 1:
        dist.destroy_process_group()


if __name__ == "__main__":
    main()
