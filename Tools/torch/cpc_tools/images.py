"""The image model of cpc-train as a plain PyTorch module, and what makes its input of held-out pictures.

    model = cpc_tools.load("run")
    z, c = model(torch.from_numpy(model.patches(pixels)))   # pixels: uint8 [windows, height, width, 3]
"""
from __future__ import annotations

from typing import Any, Optional

import numpy as np
import numpy.typing as npt
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor

from cpc_tools.contrastive import ChannelNorm, Contrastive
from cpc_tools.rounding import single

UNITS = {18: (2, 2, 2), 34: (3, 4, 6), 50: (3, 4, 6), 101: (3, 4, 23)}
COLOURS = {"grey": 1, "rgb": 3}


class Norm(ChannelNorm):
    """The same over maps [patches, channels, rows, columns]."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.flatten(2)).view_as(x)


class Unit(nn.Module):
    """A residual unit of the second kind: rectifiers, after a normalisation if there is one, before convolutions."""

    def __init__(self, inputs: int, width: int, bottleneck: bool, stride: int, normalised: bool) -> None:
        super().__init__()
        outputs = 4 * width if bottleneck else width
        widths = (inputs, width, width, outputs) if bottleneck else (inputs, width, outputs)
        for i, kernel in enumerate((1, 3, 1) if bottleneck else (3, 3)):
            if normalised:
                setattr(self, f"norm{i + 1}", Norm(widths[i]))
            setattr(self, f"conv{i + 1}", nn.Conv2d(widths[i], widths[i + 1], kernel, padding=kernel // 2,
                                                    stride=stride if i == (1 if bottleneck else 0) else 1))
        self.count = len(widths) - 1
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Conv2d(inputs, outputs, 1, stride=stride)

    def forward(self, x: Tensor) -> Tensor:
        y, shortcut = x, x
        for i in range(1, self.count + 1):
            y = F.relu(getattr(self, f"norm{i}")(y) if hasattr(self, f"norm{i}") else y)
            if i == 1 and hasattr(self, "shortcut"):
                shortcut = self.shortcut(y)
            y = getattr(self, f"conv{i}")(y)
        return shortcut + y


class ResidualEncoder(nn.Module):
    """Up to the third block; its last maps' means are the latents."""

    def __init__(self, depth: int, width: int, patch: int, colours: int, normalised: bool) -> None:
        super().__init__()
        kernel, stride, self.pools = (7, 2, True) if patch >= 64 else (3, 2, False) if patch >= 32 else (3, 1, False)
        self.stem = nn.Conv2d(colours, width, kernel, stride=stride, padding=kernel // 2)
        bottleneck = depth >= 50
        self.blocks, inputs = nn.ModuleList(), width
        for block, count in enumerate(UNITS[depth]):
            outputs = (width << block) * (4 if bottleneck else 1)
            self.blocks.append(nn.ModuleList(
                Unit(outputs if unit else inputs, width << block, bottleneck, 2 if block and not unit else 1, normalised)
                for unit in range(count)))
            inputs = outputs
        self.channels = inputs

    def forward(self, x: Tensor) -> Tensor:
        x = self.stem(x)
        if self.pools:
            x = F.max_pool2d(x, 3, 2, 1)
        for block in self.blocks:
            assert isinstance(block, nn.ModuleList)
            for unit in block:
                x = unit(x)
        return x.mean(dim=(2, 3))


class MaskedConvolutions(nn.Module):
    """The PixelCNN of Hénaff et al. (2020, appendix A.2), whose order is that of the rows."""

    def __init__(self, channels: int, layers: int, hidden: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.ModuleList([
            nn.Conv2d(channels, hidden, 1), nn.Conv2d(hidden, hidden, (1, 3), padding=(0, 1)),
            nn.Conv2d(hidden, hidden, (2, 1)), nn.Conv2d(hidden, channels, 1)]) for _ in range(layers))

    def forward(self, x: Tensor) -> Tensor:
        for layer in self.layers:
            assert isinstance(layer, nn.ModuleList)
            reduce, along, down, back = layer
            y = along(F.relu(reduce(x)))
            x = x + back(F.relu(down(F.pad(y, (0, 0, 1, 0)))))
        return F.relu(x)


class ImageCPC(Contrastive):
    """Of images: encoder, context network and heads (van den Oord et al. 2018, section 3.2)."""

    kind = "image"

    def __init__(self, crop_size: int = 256, patch: int = 64, patch_stride: int = 32, colour: str = "grey",
                 depth: int = 101, width: int = 64, context_network: str = "masked", context_depth: int = 5,
                 context: int = 256, steps_ahead: int = 5, row_skip: int = 1, image_height: int = 300,
                 image_width: int = 300, normalisation: str = "none", score: str = "sum",
                 temperature: Optional[float] = None, mean: float = 0.0, deviation: float = 1.0) -> None:
        encoder = ResidualEncoder(depth, width, patch, COLOURS[colour], normalisation == "channel")
        masked = {"masked": True, "row-gru": False}[context_network]
        super().__init__(encoder.channels, encoder.channels if masked else context, steps_ahead, score, temperature)
        self.encoder = encoder
        self.context: MaskedConvolutions | nn.GRU
        if masked:
            self.context = MaskedConvolutions(encoder.channels, context_depth, context)
        else:
            self.context = nn.GRU(3 * encoder.channels, context, batch_first=True)
        self.make_heads()
        self.grid = (crop_size - patch) // patch_stride + 1
        self.lattice = (self.grid, self.grid, row_skip)
        self.own: dict[str, Any] = dict(
            crop_size=crop_size, patch=patch, patch_stride=patch_stride, colour=colour, depth=depth, width=width,
            context_network=context_network, context_depth=context_depth if masked else None, context=context,
            steps_ahead=steps_ahead, row_skip=row_skip, image_height=image_height, image_width=image_width,
            normalisation=normalisation)
        self.mean, self.deviation = mean, deviation

    @property
    def settings(self) -> dict[str, Any]:
        return dict(**self.own, **self.loss_settings, precision="fp32")

    @property
    def metadata(self) -> dict[str, str]:
        names = ("image_height", "image_width", "crop_size", "patch", "patch_stride", "colour")
        return {**{f"cpc.{name}": str(self.own[name]) for name in names},
                "cpc.mean": single(self.mean), "cpc.deviation": single(self.deviation)}

    @classmethod
    def build(cls, config: dict[str, Any], metadata: dict[str, str]) -> ImageCPC:
        names = ("crop_size", "patch", "patch_stride", "colour", "depth", "width", "context_network", "context_depth",
                 "context", "steps_ahead", "row_skip", "image_height", "image_width", "normalisation", "score",
                 "temperature")
        return cls(**{name: config[name] for name in names}, mean=float(metadata["cpc.mean"]),
                   deviation=float(metadata["cpc.deviation"]))

    def forward(self, patches: Tensor) -> tuple[Tensor, Tensor]:
        """Patches [windows, grid · grid, patch, patch, colours], or as flat as they are, to z [windows, grid · grid,
        channels] and c [windows, grid · grid, context]."""
        size, colours, grid = self.own["patch"], COLOURS[self.own["colour"]], self.grid
        x = patches.reshape(-1, size, size, colours).permute(0, 3, 1, 2)
        z = self.encoder(x).view(-1, grid, grid, self.channels)
        if isinstance(self.context, MaskedConvolutions):
            c = self.context(z.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
        else:
            wide = F.pad(z, (0, 0, 1, 1))
            seen = torch.cat([wide[:, :, i:i + grid] for i in range(3)], dim=-1)
            c = self.context(seen.transpose(1, 2).flatten(0, 1))[0].view(-1, grid, grid, self.units).transpose(1, 2)
        return z.flatten(1, 2), c.flatten(1, 2)

    def patches(self, pixels: npt.ArrayLike) -> npt.NDArray[np.float32]:
        """uint8 pixels [windows, height, width, 3] as the encoder sees held-out ones: float32 [windows, grid · grid,
        patch, patch, colours]."""
        return held_out_patches(pixels, self.own["crop_size"], self.own["patch"], self.own["patch_stride"],
                                self.own["colour"], self.mean, self.deviation)


def held_out_patches(pixels: npt.ArrayLike, crop: int, patch: int, stride: int, colour: str, mean: float,
                     deviation: float) -> npt.NDArray[np.float32]:
    """The picture's middle, cut into patches, whose border is zeros: cpc-train's transform without chance, in NumPy."""
    pixels = np.asarray(pixels)
    windows, height, width, _ = pixels.shape
    top, left = (height - crop) // 2, (width - crop) // 2
    whole = pixels[:, top:top + crop, left:left + crop].astype(np.int64)
    if colour == "grey":
        # As Pillow does.
        whole = ((whole @ np.array([19595, 38470, 7471]) + 0x8000) >> 16)[..., None]
    x = (whole.astype(np.float32) - np.float32(mean)) * (np.float32(1) / np.float32(deviation))
    grid, kept = (crop - patch) // stride + 1, patch * 60 // 64
    border = (patch - kept) // 2
    result = np.zeros((windows, grid * grid, patch, patch, x.shape[-1]), np.float32)
    for number in range(grid * grid):
        y, z = number // grid * stride + border, number % grid * stride + border
        result[:, number, border:border + kept, border:border + kept] = x[:, y:y + kept, z:z + kept]
    return result
