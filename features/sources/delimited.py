"""Delimited files (csv, csv.gz, tsv), in bounded blocks of whole records.

Every column is text; what a cell means is the mapping's business.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from features.errors import SourceError
from features.sources.chunks import Chunk, Malformed, TruncatedFile
from features.sources.file_blocks import file_blocks
from features.sources.mapping import FileMapping

BLOCK_BYTES = 32 << 20


def delimited_columns(path: Path, mapping: FileMapping) -> list[str]:
    """The column names in the header of ``path``.

    Raises
    ------
    SourceError
        When there is no header, or it names a column twice.
    """
    reader = _Reader(path, mapping)
    reader.take_header(next(_record_blocks(path), b""))
    return reader.columns


def read_delimited(path: Path, mapping: FileMapping, columns: list[str]) -> Iterator[Chunk]:
    """The records of ``path`` in order, a block at a time, with ``columns`` alone.

    Raises
    ------
    TruncatedFile
        After the last whole record, when the file is compressed and stops short.
    """
    reader = _Reader(path, mapping)
    for number, block in enumerate(_record_blocks(path)):
        records = block if number else reader.take_header(block)
        if records:
            yield reader.read(records, columns)


class _Reader:
    """Turns blocks of one file into chunks, counting rows."""

    def __init__(self, path: Path, mapping: FileMapping) -> None:
        self._path = path
        self._mapping = mapping
        self._delimiter = mapping.delimiter or ("\t" if mapping.format == "tsv" else ",")
        self.columns: list[str] = []
        self._row = 0

    def take_header(self, block: bytes) -> bytes:
        """Read the header off the first block; returns the rest."""
        block = block.removeprefix(b"\xef\xbb\xbf")
        header, rest = _first_record(block)
        try:
            text = header.decode("latin1" if self._mapping.encoding == "latin1" else "utf8")
        except UnicodeDecodeError as fault:
            raise SourceError(
                self._path.name, "its header is not utf8: name the encoding in the mapping"
            ) from fault
        rows = list(csv.reader(io.StringIO(text), delimiter=self._delimiter))
        self.columns = [name.strip() for name in rows[0]] if rows else []
        if not any(self.columns):
            raise SourceError(self._path.name, "it is empty: a header line was expected")
        doubles = [name for name in self.columns if self.columns.count(name) > 1]
        if doubles:
            raise SourceError(
                self._path.name, f"it has the column {doubles[0]!r} twice: ask for a corrected one"
            )
        return rest

    def read(self, block: bytes, columns: list[str]) -> Chunk:
        """The records of ``block``; those that are no rows of this table become malformed."""
        if self._mapping.encoding == "latin1":
            block = block.decode("latin1").encode("utf8")
        malformed: list[int] = []
        try:
            frame = pl.read_csv(
                block,
                has_header=False,
                new_columns=self.columns,
                schema={name: pl.String() for name in self.columns},
                separator=self._delimiter,
                null_values=list(self._mapping.null_values),
                empty_string_is_null="" in self._mapping.null_values,
            )
            rows = pl.int_range(1, frame.height + 1, dtype=pl.Int64, eager=True)
        except pl.exceptions.PolarsError:
            try:
                frame, rows, malformed = self._read_slowly(block)
            except csv.Error:
                raise SourceError(
                    self._path.name,
                    f"it is no delimited text after row {self._row}: check its format",
                ) from None
        before = self._row
        self._row += len(rows) + len(malformed)
        # An empty line is no record, though it counts in the numbers of the rows.
        filled = ~frame.select(pl.all_horizontal(pl.all().is_null())).to_series()
        return Chunk(
            frame.filter(filled).select(columns),
            rows.filter(filled) + before,
            tuple(Malformed(row + before) for row in malformed),
        )

    def _read_slowly(self, block: bytes) -> tuple[pl.DataFrame, pl.Series, list[int]]:
        """Record by record, setting apart what has too many cells or is not in the encoding."""
        good: list[list[str | None]] = []
        rows: list[int] = []
        malformed: list[int] = []
        nulls = set(self._mapping.null_values)
        text = io.StringIO(block.decode("utf8", errors="surrogateescape"), newline="")
        width = len(self.columns)
        records = csv.reader(text, delimiter=self._delimiter)
        for row, record in enumerate(records, start=1):
            if len(record) > width or not _encodable(record):
                malformed.append(row)
                continue
            cells = [None if cell in nulls else cell for cell in record]
            good.append(cells + [None] * (width - len(cells)))
            rows.append(row)
        schema = {name: pl.String() for name in self.columns}
        frame = pl.DataFrame(good, schema=schema, orient="row")
        return frame, pl.Series(rows, dtype=pl.Int64), malformed


def _encodable(record: list[str]) -> bool:
    try:
        "".join(record).encode("utf8")
    except UnicodeEncodeError:
        return False
    return True


def _record_blocks(path: Path) -> Iterator[bytes]:
    """Blocks of whole records; TruncatedFile after the last when the file stops short."""
    rest = b""
    try:
        for block in file_blocks(path, BLOCK_BYTES):
            whole, rest = _split(rest + block)
            if whole:
                yield whole
    except TruncatedFile as fault:
        yield from (whole for whole in _split(rest)[:1] if whole)
        raise fault from None
    if rest.strip():
        yield rest


def _split(data: bytes) -> tuple[bytes, bytes]:
    """Whole records, and the start of one that is not whole yet.

    A line end inside quotes ends no record. A stray quote would swallow the rest of a file, so
    when a block has no end of record outside quotes, its last line end is taken.
    """
    quotes_before = data.count(b'"')
    end = len(data)
    while (cut := data.rfind(b"\n", 0, end)) >= 0:
        quotes_before -= data.count(b'"', cut, end)
        if quotes_before % 2 == 0:
            return data[: cut + 1], data[cut + 1 :]
        end = cut
    if len(data) > 2 * BLOCK_BYTES:
        cut = data.rfind(b"\n")
        return data[: cut + 1], data[cut + 1 :]
    return b"", data


def _first_record(block: bytes) -> tuple[bytes, bytes]:
    end = -1
    while (end := block.find(b"\n", end + 1)) >= 0:
        if block.count(b'"', 0, end) % 2 == 0:
            return block[:end].rstrip(b"\r"), block[end + 1 :]
    return block, b""
