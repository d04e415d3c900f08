"""Features of a trained model: from a tensor of samples, or a recording."""
from __future__ import annotations

import os
import re
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor

from cpc_tools.audio import HOP, RATE, AudioCPC
from cpc_tools.contrastive import Contrastive

# Frames that are encoded at a time, and how many beside them see what they see.
PIECE, MARGIN = 16384, 8


class Features(NamedTuple):
    """A row for each 10 ms: latents z [frames, channels], contexts c [frames, units]; of several windows [windows, …]."""

    z: Tensor
    c: Tensor


def features(model: Contrastive, source: str | os.PathLike[str] | Tensor | npt.NDArray[np.generic],
             rate: int = RATE) -> Features:
    """z and c of each frame of 10 ms, as `cpc-embed --context utterance` makes them: contexts know all that was before.

    source: a recording (WAV, FLAC and what else soundfile reads), or samples: [samples], or [windows, samples] of windows
    that know nothing of one another; int16, or floating point from −1 to 1. rate: of a tensor's samples. Frame t is
    centred at sample 160 t + 79; zeros follow the last sample.
    """
    if not isinstance(model, AudioCPC):
        raise TypeError(f"a model of the kind {model.kind}: features are made of audio; call the model itself for others")
    if isinstance(source, (str, os.PathLike)):
        samples, rate, name = *_read(source), os.fspath(source)
    else:
        samples, name = torch.as_tensor(source), "the samples"
    samples = _checked(samples, rate, name)
    scaled = _scaled(model, samples.reshape(-1, samples.shape[-1]).to(next(model.parameters()).device))
    frames = -(-samples.shape[-1] // HOP)
    with torch.no_grad():
        z = torch.cat([_encode(model, scaled, first, min(first + PIECE, frames)) for first in range(0, frames, PIECE)], dim=1)
        c = model.context(z)[0]
    return Features(z[0], c[0]) if samples.ndim == 1 else Features(z, c)


def _encode(model: AudioCPC, scaled: Tensor, first: int, end: int) -> Tensor:
    """Latents of frames first ..< end, from their samples and those of some frames around them."""
    begin = max(0, first - MARGIN)
    x = scaled[:, begin * HOP:(end + MARGIN) * HOP]
    x = F.pad(x, (0, (end + MARGIN - begin) * HOP - x.shape[1]))
    return model.encode(x)[:, first - begin:end - begin]


def _scaled(model: AudioCPC, samples: Tensor) -> Tensor:
    return model.scale(samples if samples.dtype == torch.int16 else samples.to(torch.float32) * 32768)


def _checked(samples: Tensor, rate: int, name: str) -> Tensor:
    if rate != RATE:
        raise ValueError(f"{name}: {rate} samples a second, and the model is of {RATE}: resample first (soxr.resample, "
                         "torchaudio.functional.resample, or cpc-embed --resample 16000)")
    if samples.ndim not in (1, 2):
        raise ValueError(f"{name}: shape {list(samples.shape)} is neither [samples] nor [windows, samples]")
    if samples.ndim == 2 and samples.shape[1] < samples.shape[0] and samples.shape[1] <= 8:
        raise ValueError(f"{name}: shape {list(samples.shape)} is [samples, channels], it seems: choose a channel, or take "
                         "their mean, for [samples]")
    if not samples.numel():
        raise ValueError(f"{name}: shape {list(samples.shape)}: there is no sample")
    if samples.dtype == torch.int16:
        return samples
    if not samples.dtype.is_floating_point:
        raise TypeError(f"{name}: {str(samples.dtype).removeprefix('torch.')} is neither int16 nor floating point from −1 to 1")
    peak = float(samples.abs().max())
    if not np.isfinite(peak):
        raise ValueError(f"{name}: not all numbers are finite")
    if peak > 2:
        raise ValueError(f"{name}: floating point up to {peak:g}, the scale of int16, where −1 to 1 is expected: give int16, "
                         "or divide by 32768")
    if peak > 1:
        raise ValueError(f"{name}: floating point up to {peak:g}, where −1 to 1 is expected: clamp it, or scale it down")
    return samples


def _require_whole(file: Any, name: str) -> None:
    """Refuses a WAV or AIFF with less audio than its header declares, which soundfile reads as if it were whole.

    libsndfile's log has "data : 281040 (should be 49957)". Programs that write to a pipe declare the largest size, or none.
    """
    for declared, found in re.findall(r"(?:data|SSND)\s*: (\d+) \(should be (\d+)\)", file.extra_info):
        if int(found) < int(declared) < 0x7FFF0000:
            raise ValueError(f"{name}: cut short: its header declares {declared} bytes of samples, {found} are there")


def _read(path: str | os.PathLike[str]) -> tuple[Tensor, int]:
    try:
        import soundfile
    except ImportError:
        raise ImportError(f"{os.fspath(path)}: recordings are read by soundfile, which is not installed: pip install "
                          "soundfile") from None
    if not os.path.exists(path):
        raise ValueError(f"{os.fspath(path)}: no such file")
    try:
        with soundfile.SoundFile(path) as file:
            _require_whole(file, os.fspath(path))
            samples, rate = file.read(dtype="float32", always_2d=True), file.samplerate
    except (OSError, RuntimeError) as error:
        raise ValueError(f"{os.fspath(path)}: cannot be read: {error}") from None
    if samples.shape[1] != 1:
        raise ValueError(f"{os.fspath(path)}: {samples.shape[1]} channels: read it with soundfile, choose one of them and "
                         "give its samples")
    return torch.from_numpy(samples[:, 0].copy()), int(rate)
