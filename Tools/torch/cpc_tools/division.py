"""What is trained on and what is held out."""
from __future__ import annotations

from typing import Optional

import xxhash

from cpc_tools.dataset import Dataset, Path
from cpc_tools.errors import DatasetError
from cpc_tools.windows import Windows


def divide(dataset: Dataset | Path, split: Optional[str] = None, valid_part: Optional[str] = None,
           valid_fraction: float = 0.05, seed: int = 1, batch: int = 8, window: Optional[int] = None,
           crop: bool = False) -> tuple[Windows, Optional[Windows]]:
    """The windows to train on and those held out (None if there are none), as cpc-train divides a dataset.

    split: its name; None is `default` where the dataset has it. valid_part: the part held out; None is `valid` where
    the split has it. Without one, a share of the training utterances is carved out by the seed, which also depends on
    the batch size, because at least one batch is held out.
    """
    dataset = dataset if isinstance(dataset, Dataset) else Dataset(dataset)
    window = dataset.record_length if window is None else window
    name = split or ("default" if "default" in dataset.split_names else None)
    if name is None and valid_part is not None:
        raise DatasetError(f"{dataset.path}: part \"{valid_part}\" needs a split, and there is no split \"default\"")
    parts = dataset.split(name) if name else ["train"] * len(dataset)
    if valid_part == "train":
        raise DatasetError(f"{dataset.path}: part \"train\" is what is trained on: nothing would be held out")
    training = [u for u, part in enumerate(parts) if part == "train"]
    held_out = [u for u, part in enumerate(parts) if part == (valid_part or "valid")]
    if not training or valid_part is not None and not held_out:
        there = ", ".join(sorted({part for part in parts if part is not None})) or "no part"
        raise DatasetError(f"{dataset.path}: split \"{name}\" has no part \"{'train' if not training else valid_part}\"; "
                           f"it has {there}")
    # Before windows are counted by it.
    everything = Windows(dataset, training, window, seed if crop else None)
    if not held_out and valid_fraction > 0:
        held_out = _carve(dataset, training, valid_fraction, seed, batch, window)
        taken = set(held_out)
        everything = Windows(dataset, [u for u in training if u not in taken], window, everything.crop)
    return everything, Windows(dataset, held_out, window) if held_out else None


def _carve(dataset: Dataset, training: list[int], fraction: float, seed: int, batch: int, window: int) -> list[int]:
    """Utterances in the order of their hashes until they make the share of the windows, and a batch of at least 8.

    One that would take more than half of what is to be left to train on is passed over.
    """
    counts = dataset.unit_counts // window
    total = int(counts[training].sum())
    wanted = max(batch, 8, fraction * total)
    if total < 2 * wanted and fraction <= 0.5:
        return []

    def rank(utterance: int) -> tuple[int, int]:
        return xxhash.xxh3_64_intdigest(f"{seed}:{dataset.ids[utterance]}".encode()) >> 11, utterance

    taken, count = [], 0
    for utterance in sorted((u for u in training if counts[u]), key=rank):
        if count >= wanted:
            break
        if 2 * (total - count - int(counts[utterance])) < total - wanted:
            continue
        taken.append(utterance)
        count += int(counts[utterance])
    return sorted(taken)
