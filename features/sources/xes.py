"""XES event logs (.xes, .xes.gz), streamed.

A log becomes the table that its CSV export is: a row per event, the trace's attributes as
``case:<key>``, the event's own under their key, every cell as text.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import IO
from xml.etree.ElementTree import Element, ParseError

import polars as pl
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from features.errors import SourceError
from features.sources.chunks import Chunk, TruncatedFile

CHUNK_ROWS = 200_000

_FAULTS = (ParseError, EOFError, zlib.error, gzip.BadGzipFile)


def xes_columns(path: Path, wanted: Collection[str]) -> list[str]:
    """The columns of ``path`` as far as needed to find all that are ``wanted``."""
    found: dict[str, None] = {}
    missing = set(wanted)
    try:
        for row in _rows(path):
            found.update(dict.fromkeys(row))
            missing.difference_update(row)
            if not missing:
                break
    except DefusedXmlException as fault:
        raise SourceError(path.name, "it declares XML entities, which are not read") from fault
    except _FAULTS as fault:
        if not found:
            raise SourceError(path.name, "it is not an XES log that can be read") from fault
    return list(found)


def read_xes(path: Path, columns: list[str], null_values: Collection[str]) -> Iterator[Chunk]:
    """The events of ``path`` in order, with ``columns`` alone; an absent attribute is null."""
    nulls = set(null_values)
    cells: dict[str, list[str | None]] = {column: [] for column in columns}
    size = first = 0
    truncated = False
    rows = _rows(path)
    while True:
        try:
            row = next(rows, None)
        except _FAULTS:
            row, truncated = None, True
        if row is not None:
            for column, kept in cells.items():
                cell = row.get(column)
                kept.append(None if cell in nulls else cell)
            size += 1
        if size and (size == CHUNK_ROWS or row is None):
            frame = pl.DataFrame(cells, schema={column: pl.String() for column in columns})
            numbers = pl.int_range(first + 1, first + 1 + size, dtype=pl.Int64, eager=True)
            yield Chunk(frame, numbers)
            cells = {column: [] for column in columns}
            first, size = first + size, 0
        if truncated:
            raise TruncatedFile("its XML stops before the end")
        if row is None:
            return


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with _opened(path) as file:
        trace: dict[str, str] = {}
        depth: list[Element] = []
        for step, element in iterparse(file, events=("start", "end")):
            if step == "start":
                depth.append(element)
                continue
            depth.pop()
            tag = _tag(element)
            if tag == "event":
                yield trace | _attributes(element, "")
            elif tag == "trace":
                trace = {}
            elif depth and _tag(depth[-1]) == "trace" and "key" in element.attrib:
                trace["case:" + element.attrib["key"]] = element.attrib.get("value", "")
            if depth and tag in ("event", "trace"):
                depth[-1].remove(element)


def _opened(path: Path) -> IO[bytes]:
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")  # type: ignore[return-value]


def _attributes(element: Element, prefix: str) -> dict[str, str]:
    return {
        prefix + child.attrib["key"]: child.attrib["value"]
        for child in element
        if "key" in child.attrib and "value" in child.attrib
    }


def _tag(element: Element) -> str:
    return element.tag.rpartition("}")[2]
