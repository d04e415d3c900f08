"""The audio model of cpc-train as a plain PyTorch module, the loss of every kind of model, and their checkpoints. Models
of other kinds have modules of their own, such as cpc_text.

    import cpc_torch
    model = cpc_torch.load("run/checkpoints/0000400.safetensors")
    z, c = model(model.scale(samples))                      # samples: int16 [windows, samples]
    loss = torch.stack(model.info_nce(z, c, "same-speaker-excl", num_negatives=128, batch=number)).mean()
    cpc_torch.save(model, "mine.safetensors", update=1000)

Needs torch, safetensors and xxhash.
"""
import json
import os
import struct

import torch
import torch.nn as nn
import torch.nn.functional as F
import xxhash
from safetensors import safe_open
from safetensors.torch import save as serialise

import cpc_random

KERNELS, STRIDES, PADDINGS = (10, 8, 4, 4, 4), (5, 4, 2, 2, 2), (3, 2, 1, 1, 1)

# Which latents stand beside the positive: of the whole batch, of the other windows, or of the anchor's own window.
POOLS = {"mixed-speaker": "batch", "same-speaker": "batch", "mixed-speaker-excl": "other_windows",
         "same-speaker-excl": "other_windows", "current-sequence": "own_window"}

# What `cpc.config` of a checkpoint says of the run, before and after the settings of its model; these are cpc-train's
# defaults.
SAMPLING = {"negatives": "mixed-speaker", "num_negatives": "all", "crop": "none"}
TRAINING = {"batch": 8, "accumulate": 1, "learning_rate": 2e-4,
            "schedule": "constant", "warmup": 0, "clip": 0, "seed": 1, "updates": 300000, "valid_fraction": 0.05,
            "valid_batches": 64, "valid_every": 1000, "buffer": 4096, "threads": 1}


class ChannelNorm(nn.Module):
    """Each frame of [windows, channels, frames] standardised over its channels, then scaled and shifted by channel."""

    def __init__(self, channels):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(channels)), nn.Parameter(torch.zeros(channels))

    def forward(self, x):
        # The variance divides by channels − 1, as in Rivière et al. (2020).
        x = (x - x.mean(dim=1, keepdim=True)) * torch.rsqrt(x.var(dim=1, keepdim=True) + 1e-5)
        return x * self.weight[:, None] + self.bias[:, None]


def unit(x):
    """Rows scaled to unit length; rows of zeros stay so."""
    return x * torch.rsqrt((x * x).sum(dim=-1, keepdim=True) + 1e-8)


class Contrastive(nn.Module):
    """What models of every kind have: one bilinear head for each step ahead, and the loss.

    A subclass has `kind`, what cpc-train calls it; `lattice`, how the latents of a window lie: rows, columns, and the rows
    that are skipped; `settings` and `metadata`, what a checkpoint says of it; and a method `build` that makes it of those.
    Its `forward` gives z [windows, rows · columns, channels] and c [windows, rows · columns, context].
    """

    kinds = {}

    def __init_subclass__(cls):
        Contrastive.kinds[cls.kind] = cls

    def __init__(self, channels, units, steps_ahead, score="sum", temperature=None):
        super().__init__()
        self.channels, self.steps_ahead = channels, steps_ahead
        self.score, self.temperature = score, temperature
        self.factor = {"sum": 1, "mean": 1 / channels, "cosine": 1 / (temperature or 0.1)}[score]
        self.units = units

    def make_heads(self):
        """Last, as their parameters come after those of encoder and context network."""
        self.heads = nn.ModuleList(nn.Linear(self.units, self.channels, bias=False) for _ in range(self.steps_ahead))

    @property
    def loss_settings(self):
        temperature = (self.temperature or 0.1) if self.score == "cosine" else None
        return dict(score=self.score, temperature=temperature)

    def anchors(self, latents):
        """Anchors of a window of so many latents: its first ones."""
        rows, columns, skip = self.lattice
        return (latents // columns - skip - self.steps_ahead) * columns

    def ahead(self, k):
        """Latents from an anchor to the one that step k predicts."""
        _, columns, skip = self.lattice
        return (skip + k) * columns

    def scores(self, z, c, k):
        """Scores [anchors, latents] of step k: anchor (b, t) against every latent of the batch."""
        predictions = self.heads[k - 1](c[:, : self.anchors(z.shape[1])]).flatten(0, 1)
        latents = z.flatten(0, 1)
        if self.score == "cosine":
            predictions, latents = unit(predictions), unit(latents)
        return (predictions @ latents.t()) * self.factor

    def info_nce(self, z, c, pool="batch", drawn=None, num_negatives=None, seed=1, batch=0):
        """The loss of each step, a list; their mean is what is minimised.

        pool: a name of `--negatives`, or which latents stand beside the positive: those of the whole "batch", of
        "other_windows", or of the anchor's "own_window". num_negatives: None takes all of them; a number draws that
        many for each anchor and step, the very ones that cpc-train draws with the seed in global batch `batch`.
        drawn: in its stead, negatives that are drawn already, numbers of latents [steps, anchors, negatives].
        """
        windows, latents = z.shape[:2]
        anchors = self.anchors(latents)
        pool = POOLS.get(pool, pool)
        window = torch.arange(windows, device=z.device).repeat_interleave(anchors)
        first = window * latents + torch.arange(anchors, device=z.device).repeat(windows)
        if num_negatives is None:
            own = window[:, None] == torch.arange(windows, device=z.device).repeat_interleave(latents)[None]
            excluded = {"batch": torch.zeros_like(own), "other_windows": own, "own_window": ~own}[pool]
        losses = []
        for k in range(1, self.steps_ahead + 1):
            positive, scores = (first + self.ahead(k))[:, None], self.scores(z, c, k)
            if drawn is None and num_negatives is None:
                scores = scores.masked_fill(excluded.scatter(1, positive, False), float("-inf"))
                losses.append(F.cross_entropy(scores, positive[:, 0]))
            else:
                if drawn is None:
                    negatives = draw_negatives(
                        pool, windows, latents, num_negatives, seed, batch, first, k, self.ahead(k))
                else:
                    negatives = drawn[k - 1].to(positive)
                    if excluded.gather(1, negatives).any() or (negatives == positive).any():
                        raise ValueError(f"step {k}: not all of these are negatives of their anchors")
                scores = scores.gather(1, torch.cat([positive, negatives], dim=1))
                losses.append(F.cross_entropy(scores, torch.zeros_like(first)))
        return losses


class CPC(Contrastive):
    """Of audio: encoder, context and heads (van den Oord et al. 2018, section 3.1)."""

    kind = "audio"

    def __init__(self, channels=512, context=256, steps_ahead=12, input="raw", gain=1.0, normalisation="none",
                 score="sum", temperature=None):
        super().__init__(channels, context, steps_ahead, score, temperature)
        widths = [1] + [channels] * len(KERNELS)
        self.encoder = nn.ModuleList(
            nn.Conv1d(widths[i], widths[i + 1], KERNELS[i], stride=STRIDES[i], padding=PADDINGS[i])
            for i in range(len(KERNELS)))
        if normalisation not in ("none", "channel"):
            raise ValueError(f"normalisation \"{normalisation}\" is neither none nor channel")
        self.norms = nn.ModuleList(ChannelNorm(channels) for _ in KERNELS if normalisation == "channel")
        self.context = nn.GRU(channels, context, batch_first=True)
        self.make_heads()
        self.input, self.gain = input, gain

    # A window has as many rows as it gives latents.
    lattice = (None, 1, 0)

    @property
    def settings(self):
        return dict(input=self.input, normalisation="channel" if len(self.norms) else "none", **self.loss_settings,
                    precision="fp32", window=20480, channels=self.channels, context=self.units,
                    steps_ahead=self.steps_ahead)

    @property
    def metadata(self):
        return {"cpc.input": self.input, "cpc.gain": _single(self.gain)}

    @classmethod
    def build(cls, config, metadata):
        return cls(config["channels"], config["context"], config["steps_ahead"], metadata["cpc.input"],
                   float(metadata["cpc.gain"]), config.get("normalisation", "none"), config.get("score", "sum"),
                   config.get("temperature"))

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
            if len(self.norms):
                x = self.norms[i](x)
            x = F.relu(x)
        z = x.transpose(1, 2)
        return z, self.context(z)[0]


def draw_negatives(pool, windows, frames, count, seed, batch, anchors, step, ahead=None):
    """Negatives of some anchors for z[window, frame + ahead], as cpc-train draws them in global batch `batch`.

    frames: latents of a window. anchors: int64 [anchors], window · frames + frame; the result, [anchors, count] on the
    same device, is numbered alike. ahead: what step predicts, if not the latent so many steps further. Distinct, never
    the positive, ascending; every set of that size is equally likely.
    """
    pool = POOLS.get(pool, pool)
    negatives = {"batch": windows * frames, "other_windows": (windows - 1) * frames + 1, "own_window": frames}[pool] - 1
    if not 0 < count <= negatives:
        raise ValueError(f"{count} negatives: there are {negatives}")
    if not 0 < step < 128:
        raise ValueError(f"step {step} is not in 1 ... 127")
    blocks = torch.arange((count + 3) // 4, device=anchors.device)
    words = cpc_random.block(cpc_random.key(seed), cpc_random.NEGATIVES, batch, (step << 24) | blocks[None],
                             anchors[:, None])
    bits = torch.stack(words, dim=-1).flatten(1)
    # Floyd's algorithm (Bentley and Floyd, "A Sample of Brilliance", CACM 1987).
    chosen = torch.zeros(len(anchors), negatives, dtype=torch.bool, device=anchors.device)
    for i in range(count):
        last = negatives - count + i
        drawn = (bits[:, i:i + 1] * (last + 1)) >> 32
        element = torch.where(chosen.gather(1, drawn), last, drawn)
        chosen.scatter_(1, element, True)
    place = chosen.nonzero()[:, 1].reshape(len(anchors), count)
    # From places in the pool to latents: over the positive and what does not belong to the pool.
    window = anchors[:, None] // frames * frames
    positive = anchors[:, None] + (step if ahead is None else ahead)
    if pool == "batch":
        return place + (place >= positive)
    if pool == "own_window":
        return place + window + (place + window >= positive)
    return torch.where(place < window, place, place + frames)


# --- Checkpoints

# A checkpoint carries the XXH3-128 of itself, in which these stand for the digest.
MARKER, BLANK = b'"cpc.digest":"', 32 * "0"


def check(path):
    """Raises ValueError unless every byte of a checkpoint is as it was written; one of version 1 has no digest."""
    with open(path, "rb") as file:
        data = file.read()
    place = _place(data)
    if place is None:
        if b'"cpc.checkpoint":"1"' not in data[:_header(data)]:
            raise ValueError(f"{path}: it carries no digest of itself, so it cannot be checked")
    elif _digest(data, place) != data[place:place + len(BLANK)]:
        raise ValueError(f"{path}: damaged: its digest differs from its content")


def _header(data):
    return 8 + int.from_bytes(data[:8], "little")


def _place(data):
    """Where the digest stands in the header; None if it is not there exactly once."""
    header = data[:_header(data)]
    return header.index(MARKER) + len(MARKER) if header.count(MARKER) == 1 else None


def _digest(data, place):
    digest = xxhash.xxh3_128(data[:place])
    digest.update(BLANK.encode())
    digest.update(data[place + len(BLANK):])
    return digest.hexdigest().encode()


def _seal(data):
    place = _place(data)
    return data[:place] + _digest(data, place) + data[place + len(BLANK):]


def load(path, device="cpu"):
    """The model of a checkpoint, in evaluation mode."""
    check(path)
    with safe_open(path, "pt", device=str(device)) as file:
        metadata = _metadata(path, file)
        config = json.loads(metadata["cpc.config"])
        kind = config.get("model", "audio")
        if kind not in Contrastive.kinds:
            raise ValueError(f"{path}: a model of {kind}: import cpc_{kind}, which knows it")
        model = Contrastive.kinds[kind].build(config, metadata).to(device)
        names = [name for name in file.keys() if not name.startswith("optimizer.")]
        model.load_state_dict({name: file.get_tensor(name) for name in names})
    return model.eval()


def read_metadata(path):
    """What a checkpoint says beside its tensors: the strings of its `cpc.…` keys."""
    with safe_open(path, "pt") as file:
        return _metadata(path, file)


def load_optimizer(optimizer, model, path):
    """Gives torch.optim.Adam, or SparseAdam, the state that a checkpoint has for it; returns the updates made."""
    check(path)
    state = optimizer.state_dict()
    names = {parameter: name for name, parameter in model.named_parameters()}
    order = [names[parameter] for group in optimizer.param_groups for parameter in group["params"]]
    with safe_open(path, "pt") as file:
        update = int(_metadata(path, file)["cpc.update"])
        state["state"] = {
            i: dict(step=torch.tensor(float(update)), exp_avg=file.get_tensor(f"optimizer.exp_avg.{name}"),
                    exp_avg_sq=file.get_tensor(f"optimizer.exp_avg_sq.{name}")) for i, name in enumerate(order)}
    optimizer.load_state_dict(state)
    return update


def save(model, path, update=0, optimizer=None, settings=None, data=None, state=None):
    """Writes a checkpoint as cpc-train does; atomic.

    optimizer: torch.optim.Adam over the model's parameters, or a list of optimisers that share them; without it, or
    before its first step, its state is written as zeros. settings: of the run, where they differ from cpc-train's defaults, and of the model's `precision` and
    `window`. data: digests, any of
    `dataset`, `samples`, `training_utterances`, `held_out_utterances`. state: the JSON object of `cpc.state`.
    """
    known = {"model": model.kind, **SAMPLING, **model.settings, **TRAINING}
    config = {**known, **(settings or {})}
    if unknown := config.keys() - known.keys():
        raise ValueError(f"no settings of a checkpoint: {', '.join(sorted(unknown))}")
    free = {"precision", "window"}
    if changed := [key for key, value in model.settings.items() if key not in free and config[key] != value]:
        raise ValueError(f"the model has other settings: {', '.join(changed)}")
    data = dict(data or {})
    digests = {key: data.pop(key, "") for key in ("dataset", "samples", "training_utterances", "held_out_utterances")}
    if data:
        raise ValueError(f"no digests of a checkpoint: {', '.join(sorted(data))}")
    optimizers = optimizer if isinstance(optimizer, (list, tuple)) else [optimizer] if optimizer else []
    tensors = {}
    for name, parameter in model.named_parameters():
        moments = next((one.state[parameter] for one in optimizers if parameter in one.state), {})
        tensors[name] = parameter
        for kind in ("exp_avg", "exp_avg_sq"):
            tensors[f"optimizer.{kind}.{name}"] = moments.get(kind, torch.zeros_like(parameter))
    tensors = {name: tensor.detach().to("cpu", torch.float32).contiguous() for name, tensor in tensors.items()}
    metadata = {"cpc.checkpoint": "2", "cpc.config": _compact(config), "cpc.update": str(update),
                "cpc.state": _compact(state or dict(validated=0, best=None, interval=None)), **model.metadata}
    metadata.update((f"cpc.{key}", digest) for key, digest in digests.items())
    metadata["cpc.digest"] = BLANK
    partial = f"{path}.partial"
    with open(partial, "wb") as file:
        file.write(_seal(serialise(tensors, metadata)))
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)


def _single(value):
    """The shortest text that single precision reads as the value."""
    def rounded(x):
        return struct.unpack("f", struct.pack("f", float(x)))[0]
    return repr(next(float(text) for text in (f"{value:.{digits}g}" for digits in range(1, 10))
                     if rounded(text) == rounded(value)))


def _compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _metadata(path, file):
    metadata = file.metadata() or {}
    if metadata.get("cpc.checkpoint") not in ("1", "2"):
        raise ValueError(f"{path}: not a checkpoint of cpc-train, or of a later version")
    return metadata
