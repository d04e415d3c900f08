"""Files of a dataset: safetensors, whose arrays are mapped into memory, and the planes that they hold."""
from __future__ import annotations

import json
import os
import struct
from dataclasses import dataclass
from typing import Any, Optional

import numpy as np
import numpy.typing as npt

from cpc_tools.errors import DatasetError
from cpc_tools.version import SCHEMA, upgrade

Array = npt.NDArray[Any]

TYPES = {"I16": "<i2", "I32": "<i4", "I64": "<i8", "U64": "<u8", "U8": "u1", "U16": "<u2", "F16": "<f2", "F32": "<f4"}
# Planes that records of every kind have.
COMMON = {"start": "<i8", "valid": "<i4", "utterance": "<i4", "group": "<i4"}


def map_safetensors(path: str | os.PathLike[str]) -> tuple[dict[str, str], dict[str, Array]]:
    """(metadata, tensor name → memory-mapped array); nothing but the header is read."""
    try:
        # A plain array: slices of np.memmap itself are many times slower to make.
        data = np.memmap(path, np.uint8, "r").view(np.ndarray)
        length, = struct.unpack("<Q", bytes(data[:8]))
        header = json.loads(bytes(data[8:8 + length]))
        metadata = header.pop("__metadata__", {})
        arrays = {}
        for name, tensor in header.items():
            first, end = tensor["data_offsets"]
            arrays[name] = data[8 + length:][first:end].view(TYPES[tensor["dtype"]]).reshape(tensor["shape"])
    except (OSError, struct.error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DatasetError(f"{path}: not a safetensors file of a dataset: {type(error).__name__}: {error}") from None
    return metadata, arrays


@dataclass(frozen=True)
class Plane:
    """A plane of a record: what stands under this name in items of ``Windows`` and in utterances.

    `row` is the shape of a record's row. `units` counts the parts of equal size that follow one another in it: the
    units of the payload, the cells of labels; 0 for one number of the whole record. `classes` names the numbers of
    labels and `none` stands for none of them. `added` planes lie beside the shards, in files of their own.
    """

    name: str
    dtype: np.dtype[Any]
    row: tuple[int, ...]
    units: int
    classes: Optional[tuple[str, ...]] = None
    none: Optional[int] = None
    added: bool = False

    @property
    def size(self) -> int:
        """Numbers of a record."""
        return int(np.prod(self.row, dtype=np.int64))

    @property
    def part(self) -> tuple[int, ...]:
        """Shape of a unit or cell."""
        if self.units and self.row[:1] == (self.units,):
            return self.row[1:]
        return self.row if self.units <= 1 else (self.size // self.units,)


@dataclass(frozen=True)
class Schema:
    """What a record is: so many units; a label for each `cell` of them; the names of the planes that are learnt from."""

    kind: str
    unit: str
    length: int
    payload: tuple[str, ...]
    label: Optional[str]
    cell: int

    @property
    def cells(self) -> int:
        return self.length // self.cell


AUDIO = Schema("audio", "samples", 20480, ("samples",), "phones", 160)


def read_schema(path: str | os.PathLike[str], metadata: dict[str, str]) -> Schema:
    """What the header of a shard says of its records."""
    version = metadata.get("cpc.schema", "")
    if version.isdigit() and int(version) > SCHEMA:
        raise DatasetError(f"{path}: records of schema {version}; {upgrade(f'schema {SCHEMA}')}")
    if version != str(SCHEMA):
        raise DatasetError(f"{path}: not a shard of cpc-shard: its header states no schema {SCHEMA}")
    if metadata.get("cpc.kind") == "audio":
        return AUDIO
    try:
        said = json.loads(metadata["cpc.record"])
        schema = Schema(metadata["cpc.kind"], said["unit"], int(said["length"]), tuple(said["payload"]),
                        said.get("label"), int(said["cell"]))
        if schema.length < 1 or schema.cell < 1 or schema.length % schema.cell or not schema.payload:
            raise ValueError(f"length {schema.length}, cell {schema.cell}")
    except (KeyError, ValueError, TypeError) as error:
        raise DatasetError(f"{path}: its header does not say what a record is: {error}") from None
    return schema


def check_planes(path: str | os.PathLike[str], planes: dict[str, Array], schema: Schema, count: int) -> None:
    """Raises unless a shard holds `count` rows of every plane of its schema."""
    def wrong(name: str, found: str) -> DatasetError:
        return DatasetError(f"{path}: plane \"{name}\" is {found}; the card says {count} records of kind {schema.kind}")

    expected: dict[str, tuple[Optional[str], Optional[tuple[int, ...]]]] = {name: (None, None) for name in schema.payload}
    if schema.label is not None:
        expected[schema.label] = (None, None)
    expected.update((name, (dtype, ())) for name, dtype in COMMON.items())
    if schema is AUDIO:
        expected["samples"], expected["phones"] = ("<i2", (AUDIO.length,)), ("u1", (AUDIO.cells,))
    for name, (dtype, row) in expected.items():
        if name not in planes:
            raise wrong(name, "missing")
        plane = planes[name]
        if not plane.shape or plane.shape[0] != count or dtype not in (None, plane.dtype.str.lstrip("|")) or (
                row is not None and plane.shape[1:] != row):
            raise wrong(name, f"{plane.dtype} {list(plane.shape)}")
    for name in schema.payload:
        if planes[name][:1].size % schema.length:
            raise wrong(name, f"{plane.dtype} {list(planes[name].shape)}, no whole number for each unit")
