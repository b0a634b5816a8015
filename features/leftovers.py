"""Leftovers: looks for somebody in any file, whatever kind of file it is.

Every file is read as what it is (Parquet column by column, packed files unpacked, the rest as
text) and as bytes too, for what was deleted may still lie there. A finding says where, never what.

What counts
    A pseudonym as a number in a column, as eight bytes (either end first) or written out; an
    identifier, a nine-digit one also with dots or spaces; any other text of theirs, capitals or
    not. Not when it is part of a longer word or number, or of a checksum.
"""

from __future__ import annotations

import gzip
import io
import json
import string
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl

_HEX = frozenset(string.hexdigits.encode())
_DIGEST = 16
"""So many hexadecimal digits in a row are a checksum, not somebody's number."""
_SHORTEST = 5
"""A text shorter than this is found in too many innocent places."""


@dataclass(frozen=True, order=True, slots=True)
class Leftover:
    """A place in which something of somebody was found."""

    place: str
    column: str = ""

    def __str__(self) -> str:
        """For a person."""
        return f"{self.place}, column {self.column}" if self.column else self.place


@dataclass(frozen=True)
class Sought:
    """What is looked for.

    Parameters
    ----------
    citizens
        Pseudonyms.
    texts
        Identifiers, tokens, names: whatever stands for them in writing.
    """

    citizens: frozenset[int]
    texts: frozenset[str] = frozenset()

    @cached_property
    def written(self) -> tuple[str, ...]:
        """Every form in which they may be written."""
        forms = {str(citizen).removeprefix("-") for citizen in self.citizens}
        forms.update(form for text in self.texts for form in _forms(text))
        return tuple(sorted(form for form in forms if len(form) >= _SHORTEST))

    @cached_property
    def packed(self) -> tuple[bytes, ...]:
        """The pseudonyms as eight bytes, either end first."""
        return tuple(
            citizen.to_bytes(8, end, signed=True)
            for citizen in sorted(self.citizens)
            for end in ("little", "big")
        )

    def in_bytes(self, data: bytes) -> bool:
        """Whether ``data`` holds a pseudonym as a number."""
        return any(number in data for number in self.packed)

    def in_text(self, data: bytes) -> bool:
        """Whether ``data``, read as text, says anything of them."""
        low = data.lower()
        return any(_stands_alone(low, form.encode().lower()) for form in self.written)

    def in_column(self, values: pl.Series) -> bool:
        """Whether a column of any type holds anything of them."""
        if values.dtype.is_integer():
            return bool(values.is_in(list(self.citizens)).any())
        if values.dtype == pl.Binary:
            return any(self.in_bytes(one) or self.in_text(one) for one in values.drop_nulls())
        if values.dtype in (pl.String, pl.Categorical, pl.Enum):
            texts = values.cast(pl.String).unique()
            return any(self.in_text(one.encode()) for one in texts.filter(self._likely(texts)))
        if values.dtype.is_nested():
            return self.in_text(values.to_frame().write_ndjson().encode())
        return False

    def _likely(self, texts: pl.Series) -> pl.Series:
        forms = list(self.written)
        found = texts.str.contains_any(forms, ascii_case_insensitive=True)
        return found.fill_null(value=False)


def files_in(folders: Iterable[Path]) -> Iterator[Path]:
    """Every file in ``folders``, each once, wherever a link leads to it."""
    seen: set[Path] = set()
    for folder in folders:
        every = [folder] if folder.is_file() else sorted(folder.rglob("*"))
        for path in every:
            if path.is_file() and path.resolve() not in seen:
                seen.add(path.resolve())
                yield path


def leftovers_in(path: Path, place: str, sought: Sought) -> Iterator[Leftover]:
    """Where in one file something of them stands; ``place`` is how the file is called.

    Raises
    ------
    OSError, polars.exceptions.PolarsError, zipfile.BadZipFile, EOFError
        When the file cannot be read as what it seems to be.
    """
    if sought.in_text(place.encode()):
        yield Leftover(f"{place} (its name)")
    yield from _in_content(path.read_bytes(), place, sought)


def _in_content(data: bytes, place: str, sought: Sought) -> Iterator[Leftover]:
    if sought.in_bytes(data):
        yield Leftover(place)
    if data.startswith(b"PAR1"):
        yield from _in_columns(data, place, sought)
    elif data.startswith(b"\x1f\x8b"):
        yield from _in_content(gzip.decompress(data), f"{place} (unpacked)", sought)
    elif data.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield from _in_content(archive.read(name), f"{place}: {name}", sought)
    elif sought.in_text(data):
        yield Leftover(place)


def _in_columns(data: bytes, place: str, sought: Sought) -> Iterator[Leftover]:
    for column in pl.read_parquet_schema(io.BytesIO(data)):
        values = pl.read_parquet(io.BytesIO(data), columns=[column])[column]
        if sought.in_column(values):
            yield Leftover(place, column)


def _stands_alone(data: bytes, form: bytes) -> bool:
    """Whether ``form`` stands somewhere in ``data`` on its own."""
    start = data.find(form)
    while start >= 0:
        if _alone(data, start, start + len(form)):
            return True
        start = data.find(form, start + 1)
    return False


def _alone(data: bytes, start: int, end: int) -> bool:
    before, after = data[max(start - 1, 0) : start], data[end : end + 1]
    if not data[start : start + 1].isdigit():
        return not (before.isalnum() or after.isalnum())
    if before.isdigit() or after.isdigit():
        return False
    if before == b"." and data[max(start - 2, 0) : start - 1].isdigit():
        return False  # the digits of a fraction
    return end - start >= _DIGEST or not _in_checksum(data, start, end)


def _in_checksum(data: bytes, start: int, end: int) -> bool:
    first, last = start, end
    while first > 0 and data[first - 1] in _HEX:
        first -= 1
    while last < len(data) and data[last] in _HEX:
        last += 1
    return last - first >= _DIGEST


def _forms(text: str) -> Iterator[str]:
    yield text
    yield json.dumps(text)[1:-1]
    if len(text) == 9 and text.isdigit():
        for mark in (".", " "):
            yield f"{text[:4]}{mark}{text[4:6]}{mark}{text[6:]}"
            yield f"{text[:3]}{mark}{text[3:6]}{mark}{text[6:]}"
    elif " " in text:
        yield from (text.replace(" ", space) for space in ("+", "%20", "_"))
