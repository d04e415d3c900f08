"""Checkpoints of cpc-train: safetensors files with PyTorch's names and layouts, read and written."""
from __future__ import annotations

import json
import os
import pathlib
from collections.abc import Sequence
from typing import Any, Optional

import torch
import xxhash
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as serialise

from cpc_tools.contrastive import Contrastive
from cpc_tools.errors import CheckpointError
from cpc_tools.version import CHECKPOINTS, upgrade

Path = str | os.PathLike[str]

# What `cpc.config` of a checkpoint says of the run, before and after the settings of its model; these are cpc-train's
# defaults.
SAMPLING: dict[str, Any] = {"negatives": "mixed-speaker", "num_negatives": "all", "crop": "none"}
TRAINING: dict[str, Any] = {"batch": 8, "accumulate": 1, "learning_rate": 2e-4, "schedule": "constant", "warmup": 0,
                            "clip": 0, "seed": 1, "updates": 300000, "valid_fraction": 0.05, "valid_batches": 64,
                            "valid_every": 1000, "buffer": 4096, "threads": 1}
DIGESTS = ("dataset", "samples", "training_utterances", "held_out_utterances")

# A checkpoint carries the XXH3-128 of itself, in which these stand for the digest.
MARKER, BLANK = b'"cpc.digest":"', 32 * "0"


def find(path: Path, prefer: Sequence[str] = ("best", "latest")) -> pathlib.Path:
    """The checkpoint that a path means: a file is itself; a run's folder means its best one, or else its latest, or else
    the one of the most updates."""
    path = pathlib.Path(path)
    if path.is_file():
        return path
    if not path.is_dir():
        raise CheckpointError(f"{path}: no such checkpoint or run folder")
    for name in prefer:
        if (path / name).is_file():
            lines = (path / name).read_text("utf-8").split("\n")
            if lines[0]:
                if not (path / lines[0]).is_file():
                    raise CheckpointError(f"{path / name}: it names {lines[0]}, and there is no such file in {path}")
                return path / lines[0]
    numbered = sorted((int(file.stem), file) for file in (path / "checkpoints").glob("*.safetensors") if file.stem.isdigit())
    if not numbered:
        raise CheckpointError(f"{path}: no checkpoint in this folder; cpc-train writes them to RUN/checkpoints")
    return numbered[-1][1]


def check(path: Path) -> None:
    """Raises CheckpointError unless every byte of a checkpoint is as it was written; one of version 1 has no digest."""
    data = pathlib.Path(path).read_bytes()
    place = _place(data)
    if place is None:
        if b'"cpc.checkpoint":"1"' not in data[:_header(data)]:
            raise CheckpointError(f"{path}: it carries no digest of itself, so it cannot be checked")
    elif _digest(data, place) != data[place:place + len(BLANK)]:
        raise CheckpointError(f"{path}: damaged: its digest differs from its content")


def _header(data: bytes) -> int:
    return 8 + int.from_bytes(data[:8], "little")


def _place(data: bytes) -> Optional[int]:
    """Where the digest stands in the header; None if it is not there exactly once."""
    header = data[:_header(data)]
    return header.index(MARKER) + len(MARKER) if header.count(MARKER) == 1 else None


def _digest(data: bytes, place: int) -> bytes:
    digest = xxhash.xxh3_128(data[:place])
    digest.update(BLANK.encode())
    digest.update(data[place + len(BLANK):])
    return digest.hexdigest().encode()


def _seal(data: bytes) -> bytes:
    place = _place(data)
    assert place is not None
    return data[:place] + _digest(data, place) + data[place + len(BLANK):]


def load(path: Path, device: str | torch.device = "cpu") -> Contrastive:
    """The model of a checkpoint, or of a run's folder: of its best checkpoint, or else its latest. In evaluation mode."""
    path = find(path)
    metadata = read_metadata(path)
    check(path)
    try:
        config = json.loads(metadata["cpc.config"])
        kind = config.get("model", "audio")
        if kind not in Contrastive.kinds:
            raise CheckpointError(f"{path}: a model of the kind {kind}; {upgrade(', '.join(Contrastive.kinds))}")
        model = Contrastive.kinds[kind].build(config, metadata).to(device)
        with safe_open(path, "pt", device=str(device)) as file:
            names = [name for name in file.keys() if not name.startswith("optimizer.")]
            model.load_state_dict({name: file.get_tensor(name) for name in names})
    except (KeyError, TypeError, RuntimeError) as error:
        raise CheckpointError(f"{path}: its tensors are not those of its settings: {type(error).__name__}: {error}") from None
    return model.eval()


def read_metadata(path: Path) -> dict[str, str]:
    """What a checkpoint says beside its tensors: the strings of its `cpc.…` keys."""
    path = find(path)
    try:
        with safe_open(path, "pt") as file:
            metadata: dict[str, str] = file.metadata() or {}
    except SafetensorError as error:
        raise CheckpointError(f"{path}: not a checkpoint, or cut short: {error}") from None
    version = metadata.get("cpc.checkpoint")
    if version is None:
        raise CheckpointError(f"{path}: a safetensors file, but not a checkpoint of cpc-train")
    if version not in CHECKPOINTS:
        raise CheckpointError(f"{path}: a checkpoint of format {version}; {upgrade('formats ' + ' and '.join(CHECKPOINTS))}")
    return metadata


def load_optimizer(optimizer: torch.optim.Optimizer, model: Contrastive, path: Path) -> int:
    """Gives torch.optim.Adam, or SparseAdam, the state that a checkpoint has for it; returns the updates made."""
    path = find(path)
    update = int(read_metadata(path)["cpc.update"])
    check(path)
    state = optimizer.state_dict()
    names = {parameter: name for name, parameter in model.named_parameters()}
    order = [(names[parameter], parameter) for group in optimizer.param_groups for parameter in group["params"]]
    state["state"] = {}
    with safe_open(path, "pt") as file:
        for i, (name, parameter) in enumerate(order):
            moments = {kind: file.get_tensor(f"optimizer.{kind}.{name}") for kind in ("exp_avg", "exp_avg_sq")}
            if moments["exp_avg"].shape != parameter.shape:
                raise CheckpointError(f"{path}: the optimiser's state of {name} is {list(moments['exp_avg'].shape)}, the "
                                      f"parameter {list(parameter.shape)}")
            state["state"][i] = dict(step=torch.tensor(float(update)), **moments)
    optimizer.load_state_dict(state)
    return update


def save(model: Contrastive, path: Path, update: int = 0,
         optimizer: torch.optim.Optimizer | Sequence[torch.optim.Optimizer] | None = None,
         settings: Optional[dict[str, Any]] = None, data: Optional[dict[str, str]] = None,
         state: Optional[dict[str, Any]] = None) -> None:
    """Writes a checkpoint as cpc-train does: beside its place, synchronised, then renamed, so that whatever happens there
    is the old file or the new one.

    optimizer: torch.optim.Adam over the model's parameters, or a list of optimisers that share them; without it, or
    before its first step, its state is written as zeros. settings: of the run, where they differ from cpc-train's
    defaults, and of the model's `precision` and `window`. data: digests, any of `dataset`, `samples`,
    `training_utterances`, `held_out_utterances`. state: the JSON object of `cpc.state`.
    """
    known = {"model": model.kind, **SAMPLING, **model.settings, **TRAINING}
    config = {**known, **(settings or {})}
    if unknown := config.keys() - known.keys():
        raise ValueError(f"no settings of a checkpoint: {', '.join(sorted(unknown))}")
    free = {"precision", "window"}
    if changed := [key for key, value in model.settings.items() if key not in free and config[key] != value]:
        raise ValueError("the model has other settings: "
                         + ", ".join(f"{key} {model.settings[key]}, not {config[key]}" for key in changed))
    data = dict(data or {})
    digests = {key: data.pop(key, "") for key in DIGESTS}
    if data:
        raise ValueError(f"no digests of a checkpoint: {', '.join(sorted(data))}")
    optimizers = [] if optimizer is None else [optimizer] if isinstance(optimizer, torch.optim.Optimizer) else optimizer
    tensors = {}
    for name, parameter in model.named_parameters():
        moments: dict[str, torch.Tensor] = next((one.state[parameter] for one in optimizers if parameter in one.state), {})
        tensors[name] = parameter.detach()
        for kind in ("exp_avg", "exp_avg_sq"):
            tensors[f"optimizer.{kind}.{name}"] = moments.get(kind, torch.zeros_like(parameter)).detach()
    tensors = {name: tensor.to("cpu", torch.float32).contiguous() for name, tensor in tensors.items()}
    metadata = {"cpc.checkpoint": CHECKPOINTS[-1], "cpc.config": _compact(config), "cpc.update": str(update),
                "cpc.state": _compact(state or dict(validated=0, best=None, interval=None)), **model.metadata}
    metadata.update((f"cpc.{key}", digest) for key, digest in digests.items())
    metadata["cpc.digest"] = BLANK
    replace(path, _seal(serialise(tensors, metadata)))


def replace(path: Path, data: bytes) -> None:
    """Makes `data` the content of a file; after a crash it is what it was or what it is to be."""
    partial = f"{os.fspath(path)}.partial"
    with open(partial, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, path)
    folder = os.open(os.path.dirname(os.path.abspath(path)), os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
