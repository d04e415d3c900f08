"""Negatives of the loss, drawn as cpc-train draws them."""
from __future__ import annotations

from typing import Optional

import torch
from torch import Tensor

from cpc_tools import philox

# Which latents stand beside the positive: of the whole batch, of the other windows, or of the anchor's own window.
POOLS = {"mixed-speaker": "batch", "same-speaker": "batch", "mixed-speaker-excl": "other_windows",
         "same-speaker-excl": "other_windows", "current-sequence": "own_window"}


def draw_negatives(pool: str, windows: int, frames: int, count: int, seed: int, batch: int, anchors: Tensor, step: int,
                   ahead: Optional[int] = None) -> Tensor:
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
    words = philox.block(philox.key(seed), philox.NEGATIVES, batch, (step << 24) | blocks[None],
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
