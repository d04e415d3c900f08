"""The audio model of cpc-train as a plain PyTorch module.

    model = cpc_tools.load("run")
    z, c = model(model.scale(samples))                      # samples: int16 [windows, samples]
    loss = torch.stack(model.info_nce(z, c, "same-speaker-excl", num_negatives=128, batch=number)).mean()
"""
from __future__ import annotations

from typing import Any, Optional

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor

from cpc_tools.contrastive import ChannelNorm, Contrastive
from cpc_tools.rounding import single

KERNELS, STRIDES, PADDINGS = (10, 8, 4, 4, 4), (5, 4, 2, 2, 2), (3, 2, 1, 1, 1)
# Samples of a latent, and how many a second.
HOP, RATE = 160, 16000


class AudioCPC(Contrastive):
    """Of audio: encoder, context and heads (van den Oord et al. 2018, section 3.1)."""

    kind = "audio"

    # A window has as many rows as it gives latents.
    lattice = (None, 1, 0)

    def __init__(self, channels: int = 512, context: int = 256, steps_ahead: int = 12, input: str = "raw",
                 gain: float = 1.0, normalisation: str = "none", score: str = "sum",
                 temperature: Optional[float] = None) -> None:
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

    @property
    def settings(self) -> dict[str, Any]:
        return dict(input=self.input, normalisation="channel" if len(self.norms) else "none", **self.loss_settings,
                    precision="fp32", window=20480, channels=self.channels, context=self.units,
                    steps_ahead=self.steps_ahead)

    @property
    def metadata(self) -> dict[str, str]:
        return {"cpc.input": self.input, "cpc.gain": single(self.gain)}

    @classmethod
    def build(cls, config: dict[str, Any], metadata: dict[str, str]) -> AudioCPC:
        return cls(config["channels"], config["context"], config["steps_ahead"], metadata["cpc.input"],
                   float(metadata["cpc.gain"]), config.get("normalisation", "none"), config.get("score", "sum"),
                   config.get("temperature"))

    def scale(self, samples: Tensor) -> Tensor:
        """int16 samples [windows, samples] as the encoder was trained on them."""
        x = samples.to(torch.float32)
        if self.input == "window":
            x = x - x.mean(dim=1, keepdim=True)
            deviation = x.std(dim=1, keepdim=True, unbiased=False)
            return torch.where(deviation > 0, x / deviation, torch.zeros_like(x))
        return x * (self.gain / 32768)

    def encode(self, x: Tensor) -> Tensor:
        """Scaled samples [windows, samples] to latents z [windows, frames, channels]."""
        x = x.unsqueeze(1)
        for i, conv in enumerate(self.encoder):
            x = conv(x)
            if len(self.norms):
                x = self.norms[i](x)
            x = F.relu(x)
        return x.transpose(1, 2)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Scaled samples [windows, samples] to latents z [windows, frames, channels] and contexts c [.., context]."""
        z = self.encode(x)
        return z, self.context(z)[0]
