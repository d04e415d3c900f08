#!/usr/bin/env python3
"""Peer: one CPC training step (paper size) in PyTorch on the CPU, timed.

Same work as one `cpc-train` update: 5 strided convolutions (padding 3,2,1,1,1), GRU, 12 bilinear heads,
InfoNCE, backward, Adam.  Prints one JSON object.

    pip install 'torch==2.13.0+cpu' numpy    # any CPU build of PyTorch serves
    python train_peer.py --batch 8 --channels 512 --context 256 --negatives all
"""
import argparse, contextlib, json, time
import torch
import torch.nn as nn
import torch.nn.functional as F


class Encoder(nn.Module):
    def __init__(self, channels):
        super().__init__()
        spec = [(10, 5, 3), (8, 4, 2), (4, 2, 1), (4, 2, 1), (4, 2, 1)]
        widths = [1] + [channels] * len(spec)
        self.convs = nn.ModuleList(
            nn.Conv1d(widths[i], widths[i + 1], k, stride=s, padding=p) for i, (k, s, p) in enumerate(spec))

    def forward(self, x):
        for conv in self.convs:
            x = F.relu(conv(x))
        return x


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--batch", type=int, default=8)
    ap.add_argument("--channels", type=int, default=512)
    ap.add_argument("--context", type=int, default=256)
    ap.add_argument("--steps-ahead", type=int, default=12)
    ap.add_argument("--negatives", default="all", help="'all' in-batch latents, or a count drawn per anchor")
    ap.add_argument("--precision", choices=["fp32", "bf16"], default="fp32")
    ap.add_argument("--updates", type=int, default=6)
    ap.add_argument("--threads", type=int, default=0)
    a = ap.parse_args()
    if a.threads:
        torch.set_num_threads(a.threads)
    torch.manual_seed(0)
    encoder, gru = Encoder(a.channels), nn.GRU(a.channels, a.context, batch_first=True)
    heads = nn.ModuleList(nn.Linear(a.context, a.channels, bias=False) for _ in range(a.steps_ahead))
    optimiser = torch.optim.Adam([*encoder.parameters(), *gru.parameters(), *heads.parameters()], lr=2e-4)
    x = torch.randn(a.batch, 1, 20480) * 0.1

    def update():
        z = encoder(x).transpose(1, 2)
        c, _ = gru(z)
        frames = z.shape[1]
        anchors = frames - a.steps_ahead
        flat = z.reshape(-1, a.channels)
        loss = 0.0
        if a.negatives != "all":
            count = int(a.negatives)
            drawn = flat[torch.randint(0, flat.shape[0], (a.batch * anchors * count,))].view(-1, count, a.channels)
        for k in range(1, a.steps_ahead + 1):
            prediction = heads[k - 1](c[:, :anchors])
            if a.negatives == "all":
                logits = prediction.reshape(-1, a.channels) @ flat.t()
                target = (torch.arange(a.batch)[:, None] * frames + torch.arange(anchors)[None] + k).reshape(-1)
            else:
                negative = torch.bmm(drawn, prediction.reshape(-1, a.channels, 1)).squeeze(2)
                positive = (prediction * z[:, k:k + anchors]).sum(-1).reshape(-1, 1)
                logits = torch.cat([positive, negative], 1)
                target = torch.zeros(a.batch * anchors, dtype=torch.long)
            loss = loss + F.cross_entropy(logits, target)
        loss = loss / a.steps_ahead
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        return float(loss.detach())

    autocast = torch.autocast("cpu", dtype=torch.bfloat16) if a.precision == "bf16" else contextlib.nullcontext()
    with autocast:
        update(), update()
        times = []
        for _ in range(a.updates):
            start = time.perf_counter()
            loss = update()
            times.append(time.perf_counter() - start)
    times.sort()
    print(json.dumps(dict(peer="pytorch " + torch.__version__, precision=a.precision, threads=torch.get_num_threads(),
                          batch=a.batch, channels=a.channels, context=a.context, negatives=a.negatives,
                          median_ms=round(1e3 * times[len(times) // 2], 1), loss=round(loss, 4))))


if __name__ == "__main__":
    main()
