"""The audio model of cpc-train as a plain PyTorch module.

    import cpc_torch
    model = cpc_torch.load("run/checkpoints/0000400.safetensors")
    z, c = model(model.scale(samples))          # samples: int16 [windows, samples]

Needs torch and safetensors, nothing else.
"""
import json

import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors import safe_open

KERNELS, STRIDES, PADDINGS = (10, 8, 4, 4, 4), (5, 4, 2, 2, 2), (3, 2, 1, 1, 1)


class ChannelNorm(nn.Module):
    """Each frame standardised over its channels (Riviere et al. 2020: unbiased variance, epsilon 1e-5)."""

    def __init__(self, channels):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(channels)), nn.Parameter(torch.zeros(channels))

    def forward(self, x):
        x = (x - x.mean(dim=1, keepdim=True)) * torch.rsqrt(x.var(dim=1, keepdim=True) + 1e-5)
        return x * self.weight[:, None] + self.bias[:, None]


def unit(x):
    """Rows scaled to unit length; rows of zeros stay so."""
    return x * torch.rsqrt((x * x).sum(dim=-1, keepdim=True) + 1e-8)


class CPC(nn.Module):
    """Encoder, context and one bilinear head for each step ahead (van den Oord et al. 2018, section 3.1)."""

    def __init__(self, channels=512, context=256, steps_ahead=12, input="raw", gain=1.0,
                 normalisation="none", score="sum", temperature=None):
        super().__init__()
        widths = [1] + [channels] * len(KERNELS)
        self.encoder = nn.ModuleList(
            nn.Conv1d(widths[i], widths[i + 1], KERNELS[i], stride=STRIDES[i], padding=PADDINGS[i])
            for i in range(len(KERNELS)))
        self.norms = nn.ModuleList(ChannelNorm(channels) for _ in self.encoder) if normalisation == "channel" else None
        self.context = nn.GRU(channels, context, batch_first=True)
        self.heads = nn.ModuleList(nn.Linear(context, channels, bias=False) for _ in range(steps_ahead))
        self.input, self.gain, self.score, self.temperature = input, gain, score, temperature

    def scale(self, samples):
        """int16 samples [windows, samples] as the encoder was trained on them."""
        x = samples.to(torch.float32)
        if self.input == "window":
            x = x - x.mean(dim=1, keepdim=True)
            deviation = x.std(dim=1, keepdim=True, unbiased=False)
            return torch.where(deviation > 0, x / deviation, torch.zeros_like(x))
        return x * (self.gain / 32768)

    def forward(self, x):
        """Scaled samples [windows, samples] to latents z [windows, frames, channels] and contexts c [.., context]."""
        x = x.unsqueeze(1)
        for i, conv in enumerate(self.encoder):
            x = conv(x)
            x = F.relu(x if self.norms is None else self.norms[i](x))
        z = x.transpose(1, 2)
        return z, self.context(z)[0]

    def scores(self, z, c, k):
        """Scores [anchors, latents] of step k: anchor (b, t) against every latent of the batch."""
        anchors = c[:, : z.shape[1] - len(self.heads)]
        predictions, latents = self.heads[k - 1](anchors).flatten(0, 1), z.flatten(0, 1)
        if self.score == "cosine":
            return unit(predictions) @ unit(latents).t() / self.temperature
        return predictions @ latents.t() / (z.shape[-1] if self.score == "mean" else 1)

    def info_nce(self, z, c, pool="batch", drawn=None):
        """The loss of each step, a list; their mean is what is minimised.

        pool: which latents stand beside the positive: those of the whole "batch", of "other_windows", or of the
        anchor's "own_window". drawn: the negatives alone that count, numbers of latents [steps, anchors, negatives].
        """
        windows, frames = z.shape[:2]
        anchors = frames - len(self.heads)
        window = torch.arange(windows).repeat_interleave(anchors)
        time = torch.arange(anchors).repeat(windows)
        own = window[:, None] == torch.arange(windows).repeat_interleave(frames)[None]
        allowed = {"batch": torch.ones_like(own), "other_windows": ~own, "own_window": own}[pool]
        losses = []
        for k in range(1, len(self.heads) + 1):
            positive = window * frames + time + k
            candidates = allowed.clone()
            if drawn is not None:
                candidates = torch.zeros_like(own).scatter_(1, drawn[k - 1].long(), True)
                assert not (candidates & ~allowed).any() and not candidates[torch.arange(len(positive)), positive].any()
            candidates[torch.arange(len(positive)), positive] = True
            losses.append(F.cross_entropy(self.scores(z, c, k).masked_fill(~candidates, float("-inf")), positive))
        return losses


def load(path):
    """The model of a checkpoint, in evaluation mode."""
    with safe_open(path, "pt") as file:
        metadata = file.metadata()
        if metadata.get("cpc.checkpoint") != "1":
            raise ValueError(f"{path}: not a checkpoint of cpc-train, or of a later version")
        config = json.loads(metadata["cpc.config"])
        model = CPC(config["channels"], config["context"], config["steps_ahead"], metadata["cpc.input"],
                    float(metadata["cpc.gain"]), config.get("normalisation", "none"), config.get("score", "sum"),
                    config.get("temperature"))
        names = [name for name in file.keys() if not name.startswith("optimizer.")]
        model.load_state_dict({name: file.get_tensor(name) for name in names})
    return model.eval()
