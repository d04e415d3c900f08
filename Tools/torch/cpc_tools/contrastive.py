"""What models of every kind have: normalisation, heads and the loss."""
from __future__ import annotations

from typing import Any, ClassVar, Optional

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor

from cpc_tools.negatives import POOLS, draw_negatives


class ChannelNorm(nn.Module):
    """Each frame of [windows, channels, frames] standardised over its channels, then scaled and shifted by channel."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(channels)), nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        # The variance divides by channels − 1, as in Rivière et al. (2020).
        x = (x - x.mean(dim=1, keepdim=True)) * torch.rsqrt(x.var(dim=1, keepdim=True) + 1e-5)
        return x * self.weight[:, None] + self.bias[:, None]


def unit(x: Tensor) -> Tensor:
    """Rows scaled to unit length; rows of zeros stay so."""
    return x * torch.rsqrt((x * x).sum(dim=-1, keepdim=True) + 1e-8)


class Contrastive(nn.Module):
    """What models of every kind have: one bilinear head for each step ahead, and the loss.

    A subclass has `kind`, what cpc-train calls it; `lattice`, how the latents of a window lie: rows, columns, and the rows
    that are skipped; `settings` and `metadata`, what a checkpoint says of it; and a method `build` that makes it of those.
    Its `forward` gives z [windows, rows · columns, channels] and c [windows, rows · columns, context].
    """

    kinds: ClassVar[dict[str, type[Contrastive]]] = {}
    kind: ClassVar[str]
    # Rows (None: as many as a window gives latents), columns, rows skipped.
    lattice: tuple[Optional[int], int, int]

    def __init_subclass__(cls) -> None:
        Contrastive.kinds[cls.kind] = cls

    def __init__(self, channels: int, units: int, steps_ahead: int, score: str = "sum",
                 temperature: Optional[float] = None) -> None:
        super().__init__()
        self.channels, self.steps_ahead = channels, steps_ahead
        self.score, self.temperature = score, temperature
        factors = {"sum": 1.0, "mean": 1 / channels, "cosine": 1 / (temperature or 0.1)}
        if score not in factors:
            raise ValueError(f"score \"{score}\" is none of {', '.join(factors)}")
        self.factor = factors[score]
        self.units = units

    def make_heads(self) -> None:
        """Last, as their parameters come after those of encoder and context network."""
        self.heads = nn.ModuleList(nn.Linear(self.units, self.channels, bias=False) for _ in range(self.steps_ahead))

    @property
    def settings(self) -> dict[str, Any]:
        """What `cpc.config` of a checkpoint says of the model."""
        raise NotImplementedError

    @property
    def metadata(self) -> dict[str, str]:
        """What a checkpoint says beside its `cpc.config`."""
        raise NotImplementedError

    @classmethod
    def build(cls, config: dict[str, Any], metadata: dict[str, str]) -> Contrastive:
        """The model of these settings."""
        raise NotImplementedError

    @property
    def loss_settings(self) -> dict[str, Any]:
        temperature = (self.temperature or 0.1) if self.score == "cosine" else None
        return dict(score=self.score, temperature=temperature)

    def anchors(self, latents: int) -> int:
        """Anchors of a window of so many latents: its first ones."""
        rows, columns, skip = self.lattice
        return (latents // columns - skip - self.steps_ahead) * columns

    def ahead(self, k: int) -> int:
        """Latents from an anchor to the one that step k predicts."""
        _, columns, skip = self.lattice
        return (skip + k) * columns

    def scores(self, z: Tensor, c: Tensor, k: int) -> Tensor:
        """Scores [anchors, latents] of step k: anchor (b, t) against every latent of the batch."""
        predictions: Tensor = self.heads[k - 1](c[:, : self.anchors(z.shape[1])]).flatten(0, 1)
        latents = z.flatten(0, 1)
        if self.score == "cosine":
            predictions, latents = unit(predictions), unit(latents)
        return (predictions @ latents.t()) * self.factor

    def info_nce(self, z: Tensor, c: Tensor, pool: str = "batch", drawn: Optional[Tensor] = None,
                 num_negatives: Optional[int] = None, seed: int = 1, batch: int = 0) -> list[Tensor]:
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
                    assert num_negatives is not None
                    negatives = draw_negatives(
                        pool, windows, latents, num_negatives, seed, batch, first, k, self.ahead(k))
                else:
                    negatives = drawn[k - 1].to(positive)
                    if excluded.gather(1, negatives).any() or (negatives == positive).any():
                        raise ValueError(f"step {k}: not all of these are negatives of their anchors")
                scores = scores.gather(1, torch.cat([positive, negatives], dim=1))
                losses.append(F.cross_entropy(scores, torch.zeros_like(first)))
        return losses
