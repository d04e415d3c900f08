"""Windows of a dataset for PyTorch's DataLoader, read a batch at a time."""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Optional, Union

import numpy as np
import numpy.typing as npt
import torch
import torch.utils.data
import xxhash
from torch.utils.data import default_collate
from torch.utils.data._utils.collate import default_collate_fn_map

from cpc_tools import plan
from cpc_tools.dataset import Dataset, Path
from cpc_tools.errors import DatasetError
from cpc_tools.shards import AUDIO, Plane

# A window, or a window of an epoch.
Index = Union[int, tuple[int, int]]
# What an item says beside its planes.
PLACE = ("record", "utterance", "group", "start", "valid")


class Item(Mapping[str, Any]):
    """A window of a batch: numbers as int, planes as tensors."""

    def __init__(self, batch: Batch, i: int) -> None:
        self._batch, self._i = batch, i

    def __getitem__(self, name: str) -> Any:
        tensor = self._batch.tensors[name]
        return tensor[self._i] if tensor.ndim > 1 else int(tensor[self._i])

    def __iter__(self) -> Iterator[str]:
        return iter(self._batch.tensors)

    def __len__(self) -> int:
        return len(self._batch.tensors)

    def __repr__(self) -> str:
        return f"Item({', '.join(f'{name} {_brief(value)}' for name, value in self.items())})"


def _brief(value: Any) -> str:
    return f"{str(value.dtype).removeprefix('torch.')} {list(value.shape)}" if isinstance(value, torch.Tensor) else str(value)


class Batch(Sequence[Item]):
    """The windows of a batch: a sequence of items to whoever collates them himself; DataLoader's own collation takes
    `tensors`, in which they are stacked already."""

    def __init__(self, tensors: dict[str, torch.Tensor]) -> None:
        self.tensors = tensors

    def __len__(self) -> int:
        return len(self.tensors["record"])

    # The only kind of index that anybody has asked for.
    def __getitem__(self, i: Any) -> Any:
        if not -len(self) <= i < len(self):
            raise IndexError(f"item {i} of a batch of {len(self)}")
        return Item(self, i)

    def __iter__(self) -> Iterator[Item]:
        return (self[i] for i in range(len(self)))


def _collate(batch: Sequence[Item], *, collate_fn_map: Any = None) -> dict[str, Any]:
    if isinstance(batch, Batch):
        return batch.tensors
    return {name: default_collate([item[name] for item in batch]) for name in batch[0]}


default_collate_fn_map[Item] = _collate


class Windows(torch.utils.data.Dataset[Item]):
    """The full windows of some utterances: each is cut from its start, or from a place that changes with the epoch.

    utterances: their indices, ascending. window: samples of a window; of other kinds a window is a record. crop: the seed
    of random crops; None cuts from the start. Items are named by a window's number, or by (number, epoch).

    An item has `record` (the one in which the window begins), `utterance`, `group`, `start` (the offset of its first unit
    in the utterance) and `valid` (the whole window); and each plane of the dataset by its name, also those that
    `cpc-shard add` has added. Of audio: samples int16 [window]; planes of labels, a class for each cell [window / 160],
    which are left out for windows that are not whole cells; one number where the plane has one. Of other kinds: the rows
    of the planes. U16 is int32.
    """

    def __init__(self, dataset: Dataset | Path, utterances: Iterable[int], window: Optional[int] = None,
                 crop: Optional[int] = None) -> None:
        self.dataset = dataset if isinstance(dataset, Dataset) else Dataset(dataset)
        length = self.dataset.record_length
        window = length if window is None else window
        if self.dataset.kind != "audio" and (crop is not None or window != length):
            raise DatasetError(f"{self.dataset.path}: windows of the kind {self.dataset.kind} are whole records")
        if window < 1:
            raise DatasetError(f"{self.dataset.path}: windows of {window} {self.dataset.schema.unit}")
        self.chosen = [int(utterance) for utterance in utterances]
        if self.chosen and not 0 <= min(self.chosen) <= max(self.chosen) < len(self.dataset):
            raise DatasetError(f"{self.dataset.path}: utterances {min(self.chosen)} … {max(self.chosen)}: there are "
                               f"0 … {len(self.dataset) - 1}")
        self.window, self.crop = window, crop
        counts = self.dataset.unit_counts[np.asarray(self.chosen, np.int64)] // window
        self.utterances = np.repeat(np.asarray(self.chosen, np.int32), counts)
        ends = np.cumsum(counts)
        # Of each utterance 0, 1, 2, …
        self.places = (np.arange(len(self.utterances)) - np.repeat(ends - counts, counts)).astype(np.int32)
        self._shifts: dict[int, plan.Integers] = {}
        self.layout = [one for one in map(self._layout, self.dataset.planes.values()) if one is not None]

    def _layout(self, plane: Plane) -> Optional[tuple[str, int, int, tuple[int, ...], np.dtype[Any]]]:
        """Of a plane: its name; the numbers of a record; those of a window; the window's shape; its type."""
        dtype = np.dtype(np.int32) if plane.dtype == np.uint16 else plane.dtype
        if not plane.units:
            return plane.name, 1, 1, (), np.dtype(np.int64)
        if self.window * plane.units % self.dataset.record_length:
            return None
        if self.window == self.dataset.record_length:
            return plane.name, plane.size, plane.size, plane.row, dtype if plane.row else np.dtype(np.int64)
        units = self.window * plane.units // self.dataset.record_length
        return plane.name, plane.size, units * (plane.size // plane.units), (units, *plane.part), dtype

    def __len__(self) -> int:
        return len(self.utterances)

    def __repr__(self) -> str:
        schema = self.dataset.schema
        crop = "" if self.crop is None else f", cropped with seed {self.crop}"
        return (f"Windows({len(self)} of {self.window} {schema.unit} each, from {len(self.chosen)} of the "
                f"{len(self.dataset)} utterances of {str(self.dataset.path)!r}{crop}: "
                f"{', '.join(one[0] for one in self.layout)})")

    def starts(self, numbers: plan.Integers, epochs: plan.Integers) -> tuple[plan.Integers, plan.Integers]:
        """Utterances of windows and the offsets of their first units there."""
        utterance = self.utterances[numbers].astype(np.int64)
        start = self.places[numbers].astype(np.int64) * self.window
        if self.crop is not None:
            for epoch in np.unique(epochs):
                chosen = epochs == epoch
                start[chosen] += self._epoch_shifts(int(epoch))[utterance[chosen]]
        return utterance, start

    def _epoch_shifts(self, epoch: int) -> plan.Integers:
        if epoch not in self._shifts:
            if len(self._shifts) > 1:  # at an epoch's end, batches are of two
                del self._shifts[next(iter(self._shifts))]
            self._shifts[epoch] = plan.shifts(self.crop or 0, epoch, self.dataset.unit_counts, self.window)
        return self._shifts[epoch]

    def __getitem__(self, item: Index) -> Item:
        one: Item = self.__getitems__([item])[0]
        return one

    def __getitems__(self, items: Sequence[Index]) -> Batch:
        """A batch, each plane read into one tensor; DataLoader asks for batches in this way."""
        dataset = self.dataset
        pairs = np.array([item if isinstance(item, tuple) else (item, 0) for item in items], np.int64).reshape(-1, 2)
        utterance, start = self.starts(pairs[:, 0], pairs[:, 1])
        whole, rest = np.divmod(start, dataset.record_length)
        place = np.empty((len(PLACE), len(pairs)), np.int64)
        np.add(dataset.utterance_offsets[utterance], whole, out=place[0])
        place[1] = utterance
        np.take(dataset.group_of, utterance, out=place[2])
        place[3] = start
        place[4] = self.window
        shard = np.searchsorted(dataset.shard_offsets, place[0], side="right") - 1
        first = (place[0] - dataset.shard_offsets[shard]) * dataset.record_length + rest
        shards = shard.tolist()
        tensors = dict(zip(PLACE, torch.from_numpy(place).unbind()))
        pieces: dict[tuple[int, int], list[tuple[int, slice]]] = {}
        for name, size, count, shape, dtype in self.layout:
            flat = dataset.flat[name]
            if (size, count) not in pieces:
                begin = first * size // dataset.record_length
                pieces[size, count] = [(i, slice(at, at + count)) for i, at in zip(shards, begin.tolist())]
            rows = [flat[i][piece] for i, piece in pieces[size, count]]
            values = np.concatenate(rows or [flat[0][:0]])
            if values.dtype != dtype:
                values = values.astype(dtype)
            tensors[name] = torch.from_numpy(values.reshape(len(pairs), *shape))
        return Batch(tensors)

    @property
    def groups(self) -> npt.NDArray[np.int64]:
        """The speaker of each window."""
        return self.dataset.group_of[self.utterances]

    @property
    def digest(self) -> str:
        """Digest of the list of utterances, as cpc-train writes it into checkpoints."""
        return str(xxhash.xxh3_128("".join(f"{self.dataset.ids[u]}\n" for u in self.chosen).encode()).hexdigest())

    def gain(self) -> float:
        """The factor that brings these windows to a root mean square of 1, from at most 1024 of them."""
        if self.dataset.schema is not AUDIO:
            raise DatasetError(f"{self.dataset.path}: only audio has a gain, and these records are of the kind "
                               f"{self.dataset.kind}")
        count = min(len(self), 1024)
        power = 0
        for k in range(count):
            samples = self[k * len(self) // count]["samples"].numpy().astype(np.int64)
            power += int((samples * samples).sum())
        if not power:
            raise DatasetError(f"{self.dataset.path}: the training windows are silent, so they have no gain")
        return float(np.float32(32768 / (power / (count * self.window)) ** 0.5))
