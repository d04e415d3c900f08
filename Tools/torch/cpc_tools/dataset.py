"""Datasets of cpc-shard, opened for reading."""
from __future__ import annotations

import json
import os
import pathlib
from dataclasses import dataclass
from typing import Any, Optional

import numpy as np
import numpy.typing as npt
import torch
import xxhash

from cpc_tools import shards
from cpc_tools.errors import DatasetError
from cpc_tools.shards import Array, Plane, Schema, map_safetensors
from cpc_tools.version import SCHEMA, upgrade

Path = str | os.PathLike[str]


@dataclass(frozen=True)
class Utterance:
    """An utterance whole, or a document, or a picture: all its units, without what pads its last record.

    `planes` has each plane by its name: int16 samples [samples], a class for each cell [cells], pixels, tokens; planes
    of one number a record give an int. `facts` is its line of utterances.jsonl.
    """

    index: int
    id: str
    group: str
    text: Optional[str]
    units: int
    planes: dict[str, Any]
    facts: dict[str, Any]

    @property
    def samples(self) -> torch.Tensor:
        """int16 [samples], of audio."""
        if "samples" not in self.planes:
            raise DatasetError(f"utterance {self.id} has no samples: its planes are {', '.join(self.planes)}")
        samples: torch.Tensor = self.planes["samples"]
        return samples

    def __repr__(self) -> str:
        shapes = (f"{name} {list(plane.shape) if isinstance(plane, torch.Tensor) else plane}"
                  for name, plane in self.planes.items())
        return f"Utterance({self.id!r} of {self.group!r}, {', '.join(shapes)})"


class Dataset:
    """A dataset folder: its card, index and mapped shards.

    Opening checks the card's digest, the size of every file and the header of every shard. `cpc-inspect verify` checks
    every byte. `kind` is audio, image, text or features; `schema` says what a record is; `planes` are the planes of items
    by name, those that `cpc-shard add` has added too; `ids` names utterances and `groups` speakers, classes or books;
    `group_of` and `unit_counts` have a number for each utterance.
    """

    def __init__(self, path: Path) -> None:
        self.path = pathlib.Path(path)
        self.card = self._read_card()
        self.digest: str = self.card["digest"]
        self.kind: str = self.card["kind"]
        self.groups: list[str] = [group["name"] for group in self.card["groups"]]
        self.files: dict[str, dict[str, Any]] = {entry["path"]: entry for entry in self.card["files"]}
        for name, entry in self.files.items():
            self._check_size(self.path / name, entry["bytes"])
        self.shard_names = [name for name, entry in self.files.items() if "records" in entry]
        for name in ("index.safetensors", "utterances.jsonl"):
            if name not in self.files:
                raise DatasetError(f"{self.path / 'dataset.json'}: it does not list {name}")
        self._open()
        index = map_safetensors(self.path / "index.safetensors")[1]
        try:
            self.utterance_offsets = np.array(index["utterance_offsets"], np.int64)
            self.shard_offsets = np.array(index["shard_offsets"], np.int64)
        except KeyError as error:
            raise DatasetError(f"{self.path / 'index.safetensors'}: no tensor {error}") from None
        self.ids, self._lines = self._read_lines()
        self._read_counts()

    def _read_card(self) -> dict[str, Any]:
        path = self.path / "dataset.json"
        if not self.path.exists():
            raise DatasetError(f"{self.path}: no such dataset folder")
        if not path.is_file():
            raise DatasetError(f"{self.path}: not a dataset: it holds no dataset.json, which cpc-shard writes last")
        data = path.read_bytes()
        try:
            card = json.loads(data)
            schema = card["schema"]
        except (ValueError, KeyError, TypeError):
            card, schema = {}, None
        # A later schema may be sealed otherwise, so this comes first.
        if isinstance(schema, int) and schema > SCHEMA:
            raise DatasetError(f"{path}: a dataset of schema {schema}; {upgrade(f'schema {SCHEMA}')}")
        body, mark, seal = data.rpartition(b'  "digest": "')
        if not mark or seal != xxhash.xxh3_128(body).hexdigest().encode() + b'"\n}\n':
            raise DatasetError(f"{path}: damaged: its digest does not match its content")
        if schema != SCHEMA or not {"kind", "groups", "files"} <= card.keys():
            raise DatasetError(f"{path}: not a card of schema {SCHEMA}")
        return dict(card)

    def _check_size(self, path: pathlib.Path, wanted: int) -> None:
        try:
            size = path.stat().st_size
        except FileNotFoundError:
            raise DatasetError(f"{path}: missing: the card lists it, with {wanted} bytes") from None
        if size != wanted:
            raise DatasetError(f"{path}: {'cut short' if size < wanted else 'too long'}: {size} bytes, the card says {wanted}")

    # MARK: Shards

    def _open(self) -> None:
        """Maps the shards, and the planes beside them."""
        self.shards: list[dict[str, Array]] = []
        schema: Optional[Schema] = None
        for name in self.shard_names:
            path = self.path / name
            metadata, planes = map_safetensors(path)
            own = shards.read_schema(path, metadata)
            if schema is not None and own != schema or own.kind != self.kind:
                raise DatasetError(f"{path}: records of kind {own.kind}, and the card says {self.kind}")
            schema = own
            shards.check_planes(path, planes, own, self.files[name]["records"])
            self.shards.append(planes)
        if schema is None:
            raise DatasetError(f"{self.path / 'dataset.json'}: it lists no shard")
        self.schema = schema
        self.planes = {name: self._plane(name) for name in
                       (*schema.payload, *([schema.label] if schema.label is not None else []))}
        self.unknown_planes: list[str] = []
        for facts in self.card.get("overlays", []):
            self._attach(facts)
        # As one row of numbers, from which any window can be cut.
        self.flat = {name: [planes[name].reshape(-1) for planes in self.shards] for name in self.planes}

    def _plane(self, name: str) -> Plane:
        first = self.shards[0][name]
        label = name == self.schema.label
        classes = next((tuple(one["classes"]) for one in [*self.card.get("phone_sets", []), *self.card.get("label_sets", [])]
                        if one.get("plane") == name), None)
        return Plane(name, first.dtype, first.shape[1:], self.schema.cells if label else self.schema.length, classes,
                     int(np.iinfo(first.dtype).max) if label else None)

    def _attach(self, facts: dict[str, Any]) -> None:
        """An added plane; one of a kind that is not known here is passed over, and named in `unknown_planes`."""
        name, labels = facts.get("name", ""), "classes" in facts and "phone_set" in facts
        if not labels and "key" not in facts or facts.get("type") not in shards.TYPES:
            self.unknown_planes.append(name)
            return
        plane = Plane(name, np.dtype(shards.TYPES[facts["type"]]), tuple(facts["row"]), self.schema.cells if labels else 0,
                      tuple(facts["classes"]) if labels else None, facts["none"], added=True)
        for shard, base in enumerate(self.shard_names):
            file = f"{base[:-len('.safetensors')]}.{name}.safetensors"
            if file not in self.files:
                raise DatasetError(f"{self.path / 'dataset.json'}: plane \"{name}\" is not listed for every shard: no {file}")
            values = map_safetensors(self.path / file)[1].get(name)
            shape = (self.files[base]["records"], *plane.row)
            if values is None or values.dtype != plane.dtype or values.shape != shape:
                found = "missing" if values is None else f"{values.dtype} {list(values.shape)}"
                raise DatasetError(f"{self.path / file}: plane \"{name}\" is {found}, the card says {plane.dtype} {list(shape)}")
            self.shards[shard][name] = values
        self.planes[name] = plane

    # Worker processes map the shards anew: pickled, a mapped array would become its content.
    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key not in ("shards", "flat")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__ = state
        self._open()

    # MARK: Utterances

    def _read_lines(self) -> tuple[list[str], npt.NDArray[np.int64]]:
        """The ids, and where each line of utterances.jsonl begins."""
        path = self.path / "utterances.jsonl"
        # Not splitlines(): texts may hold other characters that it takes for line ends.
        lines = path.read_bytes().split(b"\n")
        if not lines[-1]:
            lines.pop()
        ids = []
        for number, line in enumerate(lines, 1):
            try:
                ids.append(str(json.loads(line)["id"]))
            except (ValueError, KeyError, TypeError) as error:
                raise DatasetError(f"{path}: line {number}: not an utterance: {type(error).__name__}: {error}") from None
        return ids, np.cumsum([0, *(len(line) + 1 for line in lines)])

    def _read_counts(self) -> None:
        rows = np.diff(self.utterance_offsets)
        records = sum(len(planes["valid"]) for planes in self.shards)
        if (records != self.shard_offsets[-1] or records != self.utterance_offsets[-1] or len(self.ids) != len(rows)
                or np.any(rows < 0)):
            raise DatasetError(f"{self.path / 'index.safetensors'}: it does not fit the shards and utterances.jsonl: "
                               f"{self.shard_offsets[-1]} records of {len(rows)} utterances, not {records} of {len(self.ids)}")
        valid = np.concatenate([planes["valid"] for planes in self.shards])
        group = np.concatenate([planes["group"] for planes in self.shards])
        if len(group) and not (0 <= group.min() and group.max() < len(self.groups)):
            raise DatasetError(f"{self.path}: a record is of group {group.max()}, and there are {len(self.groups)}")
        # An utterance that failed to decode has no rows.
        some = rows > 0
        self.unit_counts = np.zeros(len(rows), np.int64)
        self.group_of = np.full(len(rows), -1, np.int64)
        self.group_of[some] = group[self.utterance_offsets[:-1][some]]
        tails = np.clip(valid[self.utterance_offsets[1:][some] - 1], 0, self.record_length)
        self.unit_counts[some] = (rows[some] - 1) * self.record_length + tails

    def facts(self, utterance: int) -> dict[str, Any]:
        """The line of utterances.jsonl: id, group, text, …"""
        utterance = self._checked(utterance)
        first, end = (int(place) for place in self._lines[utterance:utterance + 2])
        with open(self.path / "utterances.jsonl", "rb") as file:
            file.seek(first)
            return dict(json.loads(file.read(end - first)))

    def text(self, utterance: int) -> Optional[str]:
        """What is said or written; None where that is not known."""
        text: Optional[str] = self.facts(utterance).get("text")
        return text

    def utterance(self, utterance: int | str) -> Utterance:
        """An utterance whole, by its number or id."""
        if isinstance(utterance, str):
            try:
                utterance = self.ids.index(utterance)
            except ValueError:
                raise DatasetError(f"{self.path}: no utterance \"{utterance}\"") from None
        utterance = self._checked(utterance)
        facts, units = self.facts(utterance), int(self.unit_counts[utterance])
        first, end = (int(record) for record in self.utterance_offsets[utterance:utterance + 2])
        planes: dict[str, Any] = {}
        for name, plane in self.planes.items():
            # Its records lie one after another, in one shard or at the end of one and the beginning of the next.
            rows = [self.locate(record) for record in range(first, end)]
            values = np.stack([shard[name][row] for shard, row in rows]) if rows else np.zeros((0, *plane.row), plane.dtype)
            if not plane.units:
                planes[name] = int(values[0]) if len(values) else plane.none
                continue
            length = -(-units * plane.units // self.record_length)
            planes[name] = tensor(values.reshape(len(values) * plane.units, *plane.part)[:length])
        group = self.groups[self.group_of[utterance]] if end > first else str(facts.get("group", ""))
        return Utterance(utterance, self.ids[utterance], group, facts.get("text"), units, planes, facts)

    def _checked(self, utterance: int) -> int:
        if not 0 <= utterance < len(self.ids):
            raise DatasetError(f"{self.path}: no utterance {utterance}: they are 0 … {len(self.ids) - 1}")
        return int(utterance)

    # MARK: Records

    @property
    def record_length(self) -> int:
        """Units of a record: samples, images, sentences or frames."""
        return self.schema.length

    def locate(self, record: int) -> tuple[dict[str, Array], int]:
        """The planes of the shard of a record, and its row there."""
        if not 0 <= record < self.shard_offsets[-1]:
            raise DatasetError(f"{self.path}: no record {record}: they are 0 … {self.shard_offsets[-1] - 1}")
        shard = int(np.searchsorted(self.shard_offsets, record, side="right")) - 1
        return self.shards[shard], record - int(self.shard_offsets[shard])

    def record(self, record: int) -> dict[str, Array]:
        """Every plane of a record as it lies in the files: mapped, not to be written to."""
        planes, row = self.locate(record)
        return {name: plane[row] for name, plane in planes.items()}

    # MARK: Labels and splits

    @property
    def classes(self) -> dict[str, tuple[str, ...]]:
        """Names of the classes of each plane of labels that states them."""
        return {name: plane.classes for name, plane in self.planes.items() if plane.classes is not None}

    @property
    def split_names(self) -> list[str]:
        return [name[len("splits/"):-len(".txt")] for name in self.files if name.startswith("splits/")]

    def split(self, name: str) -> list[Optional[str]]:
        """The part of each utterance; None for those that have none."""
        if name not in self.split_names:
            raise DatasetError(f"{self.path}: no split \"{name}\"; there is {', '.join(self.split_names) or 'none'}")
        path = self.path / "splits" / f"{name}.txt"
        try:
            lines = path.read_text("utf-8").split("\n")
            parts = dict(line.split("\t") for line in lines if line)
        except ValueError as error:
            raise DatasetError(f"{path}: not a split: {error}") from None
        return [parts.get(id) for id in self.ids]

    @property
    def samples_digest(self) -> str:
        """Digest of the samples of all records and what they belong to, as cpc-train writes it into checkpoints."""
        hash = xxhash.xxh3_128()
        for name in self.shard_names:
            planes = self.files[name].get("planes", {})
            wanted = [digest for plane, digest in planes.items() if plane in (*self.schema.payload, *shards.COMMON)]
            for digest in wanted if planes else [self.files[name]["xxh3_128"]]:
                hash.update(f"{digest}\n".encode())
        return hash.hexdigest()

    def __len__(self) -> int:
        """Utterances."""
        return len(self.ids)

    def __repr__(self) -> str:
        return (f"Dataset({str(self.path)!r}: {self.kind}, {len(self.ids)} utterances of {len(self.groups)} groups in "
                f"{self.shard_offsets[-1]} records, planes {', '.join(self.planes)})")


def tensor(values: Array) -> torch.Tensor:
    """A copy; PyTorch calculates with U16 as int32."""
    return torch.from_numpy(values.astype(np.int32) if values.dtype == np.uint16 else np.array(values))
