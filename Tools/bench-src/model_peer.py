#!/usr/bin/env python3
"""Peer: updates of an image or text model in PyTorch on the CPU, timed: the model of a checkpoint, all of a batch as
candidates, backward, Adam (of texts SparseAdam for the words' vectors). One JSON object.

    pip install 'torch==2.13.0+cpu' numpy safetensors xxhash
    PYTHONPATH=Tools/torch python model_peer.py RUN --batch 8 --precision fp32 --updates 8 --threads 2
"""
import argparse, contextlib, json, time
import numpy as np
import torch
import cpc_tools


def inputs(model, windows, rng):
    """Pictures of noise cost what others do; of texts, sentences of some twelve words, as in books."""
    if model.kind == "image":
        own = model.own
        pixels = rng.integers(0, 256, (windows, own["image_height"], own["image_width"], 3), dtype=np.uint8)
        return [torch.from_numpy(model.patches(pixels))]
    shape = windows, model.sentences
    lengths = np.clip(rng.lognormal(2.4, 0.7, shape), 1, model.sentence_words).astype(np.uint8)
    # Words by their rank, as often as Zipf says.
    words = model.embedding.num_embeddings
    tokens = np.minimum((words + 1.0) ** rng.random((*shape, model.sentence_words)), words) - 1
    return [torch.from_numpy(tokens.astype(np.int64)), torch.from_numpy(lengths)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("run")
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    parser.add_argument("--updates", type=int, default=6)
    parser.add_argument("--threads", type=int, required=True)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    model = cpc_tools.load(args.run).train()
    if model.kind == "text":
        model.embedding.sparse = True
        optimizers = model.optimizers(lr=1e-3)
    else:
        optimizers = [torch.optim.Adam(model.parameters(), lr=1e-3)]
    batches = [inputs(model, args.batch, np.random.default_rng(i)) for i in range(4)]
    autocast = torch.autocast("cpu", dtype=torch.bfloat16) if args.precision == "bf16" else contextlib.nullcontext()
    times = []
    for update in range(2 + args.updates):
        start = time.perf_counter()
        with autocast:
            z, c = model(*batches[update % len(batches)])
            loss = torch.stack(model.info_nce(z, c)).mean()
        for optimizer in optimizers:
            optimizer.zero_grad(set_to_none=True)
        loss.backward()
        for optimizer in optimizers:
            optimizer.step()
        times.append(time.perf_counter() - start)
    times = sorted(times[2:])
    print(json.dumps(dict(peer="pytorch " + torch.__version__, precision=args.precision, threads=args.threads,
                          batch=args.batch, median_ms=round(1e3 * times[len(times) // 2], 1), loss=round(float(loss), 4))))


if __name__ == "__main__":
    main()
