"""Deliveries: what sources hand over, each with the mapping that reads it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Protocol

from features.lake import Lake
from features.pack import Pack
from features.pseudonyms import Pseudonyms
from features.sources.chunks import Chunk
from features.sources.mapping import FileMapping
from features.sources.reading import read_file


class Delivered(Protocol):
    """Rows that a source handed over, in whatever way."""

    @property
    def source(self) -> str: ...
    @property
    def mapping(self) -> FileMapping: ...
    @property
    def name(self) -> str:
        """How reports name it."""

    @property
    def noted(self) -> bool:
        """Whether it is noted among the loads also when it brought nothing new."""

    def chunks(self) -> Iterator[Chunk]:
        """Its rows in order, the columns that the mapping reads among them."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A file that a source delivered, and how it is read."""

    source: str
    mapping: FileMapping
    path: Path
    name: str
    """How reports name the file: its path within the folder that was ingested."""
    noted: bool = True
    """Its content is known by it: the next time it need not be read."""

    def chunks(self) -> Iterator[Chunk]:
        """The rows of the file (:func:`features.sources.reading.read_file`)."""
        return read_file(self.path, self.mapping)


@dataclass(frozen=True, slots=True)
class Pulled:
    """What was asked for or received, and lies in no file: it cannot be read a second time."""

    source: str
    mapping: FileMapping
    name: str
    read: Callable[[], Iterator[Chunk]]
    noted: bool = False

    def chunks(self) -> Iterator[Chunk]:
        """The rows, once."""
        return self.read()


def find_deliveries(
    pack: Pack, data: Path, sources: Sequence[str] | None
) -> tuple[list[Delivery], list[str]]:
    """The deliveries in ``data`` (a folder, or one file), and the names of files nobody reads.

    Files that give links come first, so that the others find their citizens; for the rest the
    order of the pack holds, and within a mapping that of the names.
    """
    found = [
        Delivery(source, mapping, path, _name(path, data))
        for source, files in pack.mappings.items()
        for mapping in files.files
        if mapping.format != "sql"
        for path in _matching(data, mapping.path)
    ]
    used = {delivery.path for delivery in found}
    everything = [data] if data.is_file() else sorted(data.rglob("*"))
    unused = [
        _name(path, data)
        for path in everything
        if path.is_file() and path not in used and not path.name.startswith(".")
    ]
    wanted = [item for item in found if sources is None or item.source in sources]
    return sorted(wanted, key=lambda item: not item.mapping.links), unused


def landed_deliveries(
    pack: Pack, pseudonyms: Pseudonyms, lake: Lake, folder: Path
) -> dict[Path, bool]:
    """The files in ``folder`` that the pack reads, and whether all of each has been landed."""
    loads = set(lake.scan("loads").select("load_id").collect()["load_id"])
    landed: dict[Path, bool] = {}
    for delivery in find_deliveries(pack, folder, None)[0]:
        known = load_id(delivery, pack, pseudonyms) in loads
        landed[delivery.path] = landed.get(delivery.path, True) and known
    return landed


def load_id(delivery: Delivery, pack: Pack, pseudonyms: Pseudonyms) -> str:
    """What this content, read by this mapping and vocabulary, is known by in the lake."""
    with delivery.path.open("rb") as file:
        content = hashlib.file_digest(file, "sha256").hexdigest()
    words = hashlib.sha256(delivery.mapping.model_dump_json().encode())
    words.update(pack.domain.model_dump_json().encode())
    words.update("\0".join(sorted(pack.services)).encode())
    parts = (delivery.source, delivery.mapping.name, words.hexdigest(), content)
    return pseudonyms.token("load", "\0".join(parts))


def _matching(data: Path, pattern: str) -> list[Path]:
    if data.is_file():
        fits = fnmatchcase(data.name, PurePosixPath(pattern).name)
        return [data] if fits else []
    return sorted(path for path in data.glob(pattern) if path.is_file())


def _name(path: Path, data: Path) -> str:
    return path.name if data.is_file() else path.relative_to(data).as_posix()
