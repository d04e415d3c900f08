"""Datasets of cpc-shard for PyTorch, in the order in which cpc-train takes them.

    training, held_out = cpc_data.divide("ls100", seed=1)
    sampler = cpc_data.PlanSampler(training, "same-speaker", batch=8, seed=1, updates=1000)
    for batch in torch.utils.data.DataLoader(training, batch_sampler=sampler, num_workers=2):
        batch["samples"]                                    # int16 [8, 20480]

Of a dataset of images, batch["pixels"] is uint8 [8, height, width, 3] and batch["label"] the class; of texts,
batch["tokens"] is int32 [8, sentences, words] and batch["lengths"] says how many of the words there are.

Same seed and flags, same windows in the same batches as cpc-train and `cpc-inspect plan`, for any number of workers.
Needs torch, numpy and xxhash.
"""
import json
import pathlib
import struct

import numpy as np
import torch
import xxhash
from torch.utils.data import Dataset, Sampler

import cpc_plan

RECORD, CELL = 20480, 160  # of audio
AUDIO = dict(unit="samples", length=RECORD, payload=["samples"], label="phones", cell=CELL)
COMMON = {"start": "<i8", "valid": "<i4", "utterance": "<i4", "group": "<i4"}
ONE_SPEAKER = {"mixed-speaker": False, "same-speaker": True, "mixed-speaker-excl": False, "same-speaker-excl": True,
               "current-sequence": False}


class DatasetError(ValueError):
    """A dataset that is damaged, or does not have what was asked of it."""


def map_safetensors(path):
    """(metadata, tensor name → memory-mapped array); nothing but the header is read."""
    data = np.memmap(path, np.uint8, "r")
    try:
        length, = struct.unpack("<Q", bytes(data[:8]))
        header = json.loads(bytes(data[8:8 + length]))
        metadata = header.pop("__metadata__", {})
        types = {"I16": "<i2", "I32": "<i4", "I64": "<i8", "U64": "<u8", "U8": "u1", "U16": "<u2", "F16": "<f2",
                 "F32": "<f4"}
        arrays = {}
        for name, tensor in header.items():
            first, end = tensor["data_offsets"]
            arrays[name] = data[8 + length:][first:end].view(types[tensor["dtype"]]).reshape(tensor["shape"])
    except (struct.error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DatasetError(f"{path}: not a safetensors file of a dataset: {error}") from None
    return metadata, arrays


class Folder:
    """A dataset folder, opened for reading: its card, index and mapped shards.

    Opening checks the card's digest, the size of every file and the header of every shard. `cpc-inspect verify` checks
    every byte. `kind` is audio, image or text; `schema` says what a record is: its unit, its length in units, the planes
    of its payload, the plane of its labels (or None) and the units of a label's cell.
    """

    def __init__(self, path):
        self.path = pathlib.Path(path)
        if not (self.path / "dataset.json").is_file():
            raise DatasetError(f"{path}: not a dataset: it holds no dataset.json")
        self.card = self._read_card()
        self.files = {entry["path"]: entry for entry in self.card["files"]}
        for name, entry in self.files.items():
            size = (self.path / name).stat().st_size
            if size != entry["bytes"]:
                raise DatasetError(f"{self.path / name}: {size} bytes, the card says {entry['bytes']}")
        self.groups = [group["name"] for group in self.card["groups"]]
        self.digest = self.card["digest"]
        self.kind = self.card["kind"]
        self.shard_names = [name for name, entry in self.files.items() if "records" in entry]
        index = map_safetensors(self.path / "index.safetensors")[1]
        self.utterance_offsets = np.array(index["utterance_offsets"])
        self.shard_offsets = np.array(index["shard_offsets"])
        # Not splitlines(): texts may hold other characters that it takes for line ends.
        lines = (self.path / "utterances.jsonl").read_text("utf-8").split("\n")
        self.utterances = [json.loads(line)["id"] for line in lines if line]
        self.schema = None
        self._open()
        record = self.record
        last = self.utterance_offsets[1:] - 1
        rows = np.diff(self.utterance_offsets)
        valid = np.concatenate([shard["valid"] for shard in self.shards] or [np.zeros(0, np.int32)])
        if len(valid) != self.shard_offsets[-1] or len(self.utterances) != len(rows):
            raise DatasetError(f"{self.path}: index, utterances and shards do not fit together")
        # An utterance that failed to decode has no rows.
        tails = np.clip(valid[np.maximum(last, 0)], 0, record) if len(valid) else np.zeros(len(rows), np.int64)
        self.sample_counts = np.where(rows > 0, (rows - 1) * record + tails, 0)

    @property
    def record(self):
        """Units of a record: samples, images or sentences."""
        return self.schema["length"]

    def _read_card(self):
        data = (self.path / "dataset.json").read_bytes()
        body, mark, seal = data.rpartition(b'  "digest": "')
        if not mark or seal != xxhash.xxh3_128(body).hexdigest().encode() + b'"\n}\n':
            raise DatasetError(f"{self.path}/dataset.json: damaged: its digest does not match its content")
        card = json.loads(data)
        if card["schema"] != 1:
            raise DatasetError(f"{self.path}: schema {card['schema']}, not schema 1")
        return card

    def _open(self):
        self.shards = []
        for name in self.shard_names:
            metadata, planes = map_safetensors(self.path / name)
            count = self.files[name]["records"]
            try:
                schema = AUDIO if metadata["cpc.kind"] == "audio" else json.loads(metadata["cpc.record"])
                self.schema = self.schema or dict(schema, label=schema.get("label"))
                wanted = [schema["label"]] if schema.get("label") else []
                good = schema["length"] > 0 and metadata["cpc.kind"] == self.kind
                good = good and all(planes[plane].shape[0] == count for plane in [*schema["payload"], *wanted])
                good = good and all(planes[plane].dtype == dtype and planes[plane].shape == (count,)
                                    for plane, dtype in COMMON.items())
                if self.kind == "audio":
                    good = good and planes["samples"].dtype == "<i2" and planes["samples"].shape == (count, RECORD)
                    good = good and planes["phones"].shape == (count, RECORD // CELL)
            except (KeyError, ValueError, TypeError, IndexError):
                good = False
            if not good:
                raise DatasetError(f"{self.path / name}: its planes are not what the card says")
            self.shards.append(planes)

    # Worker processes map the shards anew: pickled, a mapped array would become its content.
    def __getstate__(self):
        return {key: value for key, value in self.__dict__.items() if key != "shards"}

    def __setstate__(self, state):
        self.__dict__ = state
        self._open()

    def locate(self, record):
        """The shard of a record and its row there."""
        shard = int(np.searchsorted(self.shard_offsets, record, side="right")) - 1
        return self.shards[shard], record - int(self.shard_offsets[shard])

    @property
    def split_names(self):
        return [name[len("splits/"):-len(".txt")] for name in self.files if name.startswith("splits/")]

    def split(self, name):
        """The part of each utterance; None for those that have none."""
        if name not in self.split_names:
            raise DatasetError(f"{self.path}: no split \"{name}\"; there is {', '.join(self.split_names) or 'none'}")
        lines = (self.path / "splits" / f"{name}.txt").read_text("utf-8").split("\n")
        parts = dict(line.split("\t") for line in lines if line)
        return [parts.get(id) for id in self.utterances]

    @property
    def samples_digest(self):
        """Digest of the samples of all records and what they belong to, as cpc-train writes it into checkpoints."""
        hash = xxhash.xxh3_128()
        for name in self.shard_names:
            planes = self.files[name].get("planes", {})
            wanted = [digest for plane, digest in planes.items()
                      if plane in (*self.schema["payload"], *COMMON)]
            for digest in wanted if planes else [self.files[name]["xxh3_128"]]:
                hash.update(f"{digest}\n".encode())
        return hash.hexdigest()


class Windows(Dataset):
    """The full windows of some utterances: each is cut from its start, or from a place that changes with the epoch.

    utterances: their indices, ascending. window: samples of a window; of images and texts a window is a record. crop:
    the seed of random crops; None cuts from the start. Items are named by a window's number, or by (number, epoch).
    """

    def __init__(self, folder, utterances, window=None, crop=None):
        self.folder = folder if isinstance(folder, Folder) else Folder(folder)
        window = window or self.folder.record
        if self.folder.kind != "audio" and (crop is not None or window != self.folder.record):
            raise DatasetError(f"{self.folder.path}: windows of the kind {self.folder.kind} are whole records")
        self.chosen = list(utterances)
        self.window, self.crop = window, crop
        counts = self.folder.sample_counts[np.asarray(self.chosen, np.int64)] // window
        self.utterances = np.repeat(np.asarray(self.chosen, np.int32), counts)
        self.places = np.concatenate([np.arange(count, dtype=np.int32) for count in counts] or [np.zeros(0, np.int32)])

    def __len__(self):
        return len(self.utterances)

    def place(self, i, epoch=0):
        """Utterance of window `i` and its offset there, in units."""
        utterance = int(self.utterances[i])
        start = int(self.places[i]) * self.window
        if self.crop is not None:
            samples = int(self.folder.sample_counts[utterance])
            start += cpc_plan.shift(self.crop, epoch, utterance, samples, self.window)
        return utterance, start

    def __getitem__(self, item):
        """Of audio: samples int16 [window]; record, utterance, group, start, valid; phones uint8 [window / 160].

        `record` is the one in which the window begins, `start` the offset of its first unit in the utterance, and
        `valid` the whole window. Phones are left out for windows that are not whole cells. Of images and texts: the
        planes of a record by their names, U16 as int32.
        """
        i, epoch = item if isinstance(item, tuple) else (item, 0)
        utterance, start = self.place(i, epoch)
        record = int(self.folder.utterance_offsets[utterance]) + start // self.folder.record
        planes, row = self.folder.locate(record)
        result = dict(record=record, utterance=utterance, group=int(planes["group"][row]), start=start,
                      valid=self.window)
        if self.folder.kind != "audio":
            label = self.folder.schema["label"]
            for name in self.folder.schema["payload"] + ([label] if label else []):
                result[name] = _row(planes[name], row)
            return result
        first = row * RECORD + start % RECORD
        result["samples"] = _tensor(planes["samples"], first, self.window)
        if self.window % CELL == 0:
            result["phones"] = _tensor(planes["phones"], first // CELL, self.window // CELL)
        return result

    @property
    def groups(self):
        """The speaker of each window."""
        group = {}
        for utterance in self.chosen:
            if self.folder.sample_counts[utterance] > 0:
                planes, row = self.folder.locate(int(self.folder.utterance_offsets[utterance]))
                group[utterance] = int(planes["group"][row])
        return np.array([group[int(utterance)] for utterance in self.utterances], np.int64)

    @property
    def digest(self):
        """Digest of the list of utterances, as cpc-train writes it into checkpoints."""
        return xxhash.xxh3_128("".join(f"{self.folder.utterances[u]}\n" for u in self.chosen).encode()).hexdigest()

    def gain(self):
        """The factor that brings these windows to a root mean square of 1, from at most 1024 of them."""
        if self.folder.kind != "audio":
            raise DatasetError(f"{self.folder.path}: only audio has a gain, and these records are of the kind "
                               f"{self.folder.kind}")
        count = min(len(self), 1024)
        windows = (self[k * len(self) // count]["samples"].numpy().astype(np.int64) for k in range(count))
        power = sum(int((samples * samples).sum()) for samples in windows)
        if not power:
            raise DatasetError("the training windows are silent, so they have no gain")
        return float(np.float32(32768 / (power / (count * self.window)) ** 0.5))


def _tensor(plane, first, count):
    """A copy of `count` elements of a plane; rows of one utterance lie one after the other."""
    return torch.from_numpy(np.array(plane.reshape(-1)[first:first + count]))


def _row(plane, row):
    """A copy of a record's row of a plane."""
    values = np.array(plane[row])
    return torch.from_numpy(values.astype(np.int32) if values.dtype == np.uint16 else values)


def divide(folder, split=None, valid_part=None, valid_fraction=0.05, seed=1, batch=8, window=None, crop=False):
    """The windows to train on and those held out (None if there are none), as cpc-train divides a dataset.

    split: its name; None is `default` where the dataset has it. valid_part: the part held out; None is `valid` where
    the split has it. Without one, a share of the training utterances is carved out by the seed, which also depends on
    the batch size, because at least one batch is held out.
    """
    folder = folder if isinstance(folder, Folder) else Folder(folder)
    window = window or folder.record
    name = split or ("default" if "default" in folder.split_names else None)
    if name is None and valid_part is not None:
        raise DatasetError(f"part \"{valid_part}\" needs a split, and {folder.path} has no split \"default\"")
    parts = folder.split(name) if name else ["train"] * len(folder.utterances)
    if valid_part == "train":
        raise DatasetError("part \"train\" is what is trained on: nothing would be held out")
    training = [u for u, part in enumerate(parts) if part == "train"]
    held_out = [u for u, part in enumerate(parts) if part == (valid_part or "valid")]
    if not training or valid_part is not None and not held_out:
        raise DatasetError(f"split \"{name}\" has no part \"{'train' if not training else valid_part}\"")
    if not held_out and valid_fraction > 0:
        held_out = _carve(folder, training, valid_fraction, seed, batch, window)
        training = sorted(set(training) - set(held_out))
    return (Windows(folder, training, window, seed if crop else None),
            Windows(folder, held_out, window) if held_out else None)


def _carve(folder, training, fraction, seed, batch, window):
    """Utterances in the order of their hashes until they make the share of the windows, and a batch of at least 8.

    One that would take more than half of what is to be left to train on is passed over.
    """
    counts = folder.sample_counts // window
    total = int(counts[training].sum())
    wanted = max(batch, 8, fraction * total)
    if total < 2 * wanted and fraction <= 0.5:
        return []

    def rank(utterance):
        return xxhash.xxh3_64_intdigest(f"{seed}:{folder.utterances[utterance]}".encode()) >> 11, utterance

    taken, count = [], 0
    for utterance in sorted((u for u in training if counts[u]), key=rank):
        if count >= wanted:
            break
        if 2 * (total - count - int(counts[utterance])) < total - wanted:
            continue
        taken.append(utterance)
        count += int(counts[utterance])
    return sorted(taken)


class PlanSampler(Sampler):
    """The batches that one of `world` workers takes, for DataLoader's `batch_sampler`.

    windows: what `divide` gives. strategy: a name of `--negatives`; it decides whether a batch has one speaker.
    accumulate: batches that make one update. start: updates already made, so a run resumes at once, anywhere;
    updates: the number to end with, None for an endless run. Each batch is a list of (window, epoch).
    """

    AHEAD = 1024  # windows whose place is computed at a time

    def __init__(self, windows, strategy="mixed-speaker", batch=8, seed=1, rank=0, world=1, accumulate=1, start=0,
                 updates=None):
        if strategy not in ONE_SPEAKER:
            raise ValueError(f"strategy \"{strategy}\" is none of {', '.join(ONE_SPEAKER)}")
        if not 0 <= rank < world or accumulate < 1 or start < 0:
            raise ValueError(f"rank {rank} of {world}, {accumulate} batches an update, start {start}")
        groups = windows.groups if ONE_SPEAKER[strategy] else None
        self.plan = cpc_plan.BatchPlan(len(windows), batch, seed, groups)
        self.rank, self.world, self.accumulate = rank, world, accumulate
        self.start, self.updates = start, updates

    def number(self, update, step=0):
        """The global number of batch `step` of an update, both from 0; negatives are drawn by it, too."""
        return (update * self.accumulate + step) * self.world + self.rank

    def __len__(self):
        if self.updates is None:
            raise TypeError("an endless sampler has no length")
        return max(0, self.updates - self.start) * self.accumulate

    def __iter__(self):
        first = self.start * self.accumulate
        end = None if self.updates is None else self.updates * self.accumulate
        ahead = max(1, self.AHEAD // self.plan.batch)
        while end is None or first < end:
            last = first + ahead if end is None else min(first + ahead, end)
            numbers = np.arange(first, last) * self.world + self.rank
            for number, batch in zip(numbers, self.plan.batches(numbers)):
                epoch = int(self.plan.epoch(number))
                yield [(int(window), epoch) for window in batch]
            first = last
