"""Traces of people: finds whatever identifies somebody, in any text or file of a workspace.

Every file is read as what it is: Parquet column by column, SQLite table by table (and as bytes
too, for what was deleted lies there until the page is used again), packed files unpacked, and
everything else as text. So a place that is made tomorrow is looked at without being named here.

What counts as a trace
    A number, also written with dots or spaces; a phone number, also without its zero or with the
    country's; an e-mail address; a street with its house number; a postcode; a name as stored
    ("Anna de Vries"), turned round ("de Vries, Anna") or as it looks in an address. Capitals do
    not matter.

    A surname by itself counts in *values* (columns of the lake and of databases), and there only
    as it is written: Bos, Post, Prins and Kok are also words, and the script in a report is full
    of words. In bytes it does not: in a million of what is sealed, three letters come up by chance.

What does not count
    Digits that are part of a longer number, of a fraction (0.912345678) or of sixteen or more
    hexadecimal digits (a checksum); letters that are part of a longer word.
"""

from __future__ import annotations

import gzip
import io
import sqlite3
import string
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

_HEX = string.hexdigits.encode()
_DIGEST = 16
"""So many hexadecimal digits in a row are a checksum or a key, not a number of a person."""


@dataclass(frozen=True, slots=True)
class Text:
    """What stands in one place; ``values`` when it is a column and not prose or script."""

    place: str
    content: str
    values: bool = False


@dataclass(frozen=True, slots=True)
class Trace:
    """Something of somebody that was found, as it was looked for."""

    place: str
    kind: str
    found: str


class Traces:
    """Looks for people.

    Parameters
    ----------
    people
        ``bsn``, ``name``, ``phone``, ``email``, ``address`` and ``postcode`` as text; null where
        somebody has none.
    """

    def __init__(self, people: pl.DataFrame) -> None:
        self._patterns: dict[str, str] = {}
        forms = {
            "bsn": _number_forms,
            "phone": _phone_forms,
            "email": _as_it_is,
            "address": _address_forms,
            "postcode": _postcode_forms,
            "name": _name_forms,
        }
        for kind, forms_of in forms.items():
            for written in people[kind].drop_nulls().unique():
                self._patterns |= {form.casefold(): kind for form in forms_of(written)}
        names = people["name"].drop_nulls().unique()
        self._surnames = sorted({name.partition(" ")[2] for name in names} - {""})

    def find(self, texts: Iterable[Text]) -> set[Trace]:
        """Every trace in ``texts``."""
        every = list(texts)
        found = _hits(every, list(self._patterns), any_case=True)
        traces = {Trace(place, self._patterns[hit.casefold()], hit) for place, hit in found}
        values = [text for text in every if text.values]
        surnames = _hits(values, self._surnames, any_case=False)
        return traces | {Trace(place, "surname", hit) for place, hit in surnames}


def _hits(
    texts: Sequence[Text], patterns: Sequence[str], *, any_case: bool
) -> Iterator[tuple[str, str]]:
    """(place, what) of every pattern that stands somewhere on its own."""
    column = pl.Series([text.content for text in texts], dtype=pl.String)
    wanted = pl.Series(patterns, dtype=pl.String).implode()
    # Aho-Corasick: all patterns in one pass over the text.
    hits = column.str.find_many(wanted, ascii_case_insensitive=any_case, overlapping=True)
    whats = column.str.extract_many(wanted, ascii_case_insensitive=any_case, overlapping=True)
    for text, starts, found in zip(texts, hits, whats, strict=True):
        if not len(starts):
            continue
        content = text.content.encode()
        for start, what in zip(starts, found, strict=True):
            if _on_its_own(content, start, start + len(what.encode())):
                yield text.place, what


def _on_its_own(content: bytes, start: int, end: int) -> bool:
    """Whether no letter or digit of something larger goes on at either side."""
    before, after = content[max(start - 1, 0) : start], content[end : end + 1]
    if not content[start : start + 1].isdigit():
        return not (before.isalnum() or after.isalnum())
    if before.isdigit() or after.isdigit():
        return False
    if before == b"." and content[max(start - 2, 0) : start - 1].isdigit():
        return False
    first = start
    while first > 0 and content[first - 1] in _HEX:
        first -= 1
    last = end
    while last < len(content) and content[last] in _HEX:
        last += 1
    return last - first < _DIGEST


def _as_it_is(text: str) -> Iterator[str]:
    yield text


def _number_forms(bsn: str) -> Iterator[str]:
    yield bsn
    for mark in (".", " "):
        yield f"{bsn[:4]}{mark}{bsn[4:6]}{mark}{bsn[6:]}"
        yield f"{bsn[:3]}{mark}{bsn[3:6]}{mark}{bsn[6:]}"


def _phone_forms(phone: str) -> Iterator[str]:
    bare = phone.removeprefix("0")
    for start in ("", "0", "31", "0031"):
        yield start + bare
    for mark in ("-", " "):
        yield f"{phone[:2]}{mark}{phone[2:]}"


def _address_forms(address: str) -> Iterator[str]:
    for space in (" ", "+", "%20"):
        yield address.replace(" ", space)


def _postcode_forms(postcode: str) -> Iterator[str]:
    yield postcode
    yield postcode.replace(" ", "")


def _name_forms(name: str) -> Iterator[str]:
    first, _, last = name.partition(" ")
    for form in (name, f"{last}, {first}", f"{last} {first}"):
        for space in (" ", "+", "%20", "_"):
            yield form.replace(" ", space)


def texts_of(folder: Path, *, apart: Sequence[str] = ()) -> Iterator[Text]:
    """Everything in ``folder`` but the entries called ``apart`` at its top; names of files too."""
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if inside.parts[0] in apart or path.is_symlink():
            continue
        yield Text(f"{inside} (its name)", str(inside))
        if path.is_file():
            yield from texts_in(path, str(inside))


def texts_in(path: Path, place: str) -> Iterator[Text]:
    """What one file holds."""
    data = path.read_bytes()
    if data.startswith(b"SQLite format 3\0"):
        yield from _tables(path, place)
    yield from _content(data, place)


def _content(data: bytes, place: str) -> Iterator[Text]:
    if data.startswith(b"PAR1"):
        yield from _columns(data, place)
    elif data.startswith(b"\x1f\x8b"):
        yield from _content(gzip.decompress(data), f"{place} (unpacked)")
    elif data.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for name in archive.namelist():
                yield from _content(archive.read(name), f"{place}: {name}")
    else:
        yield Text(place, data.decode("utf-8", "replace"))


def _columns(data: bytes, place: str) -> Iterator[Text]:
    """Each column's different values as JSON, whatever their type."""
    frame = pl.read_parquet(data)
    for name in frame.columns:
        values = frame.select(name).unique()
        if values.schema[name] == pl.Binary:
            texts = [one.decode("latin-1") for one in values[name].drop_nulls()]
            yield Text(f"{place}: {name}", "\n".join(texts))
        else:
            yield Text(f"{place}: {name}", values.write_ndjson(), values=True)


def _tables(path: Path, place: str) -> Iterator[Text]:
    database = sqlite3.connect(path)
    try:
        tables = database.execute("select name from sqlite_master where type = 'table'").fetchall()
        for (table,) in tables:
            rows = database.execute(f'select * from "{table}"')  # noqa: S608  # the file's own names
            names = [column[0] for column in rows.description]
            for name, column in zip(names, zip(*rows, strict=True), strict=False):  # or no rows
                different = set(column)
                blobs = [one.decode("latin-1") for one in different if isinstance(one, bytes)]
                texts = [str(one) for one in different if not isinstance(one, bytes)]
                yield Text(f"{place}: {table}.{name}", "\n".join(blobs))
                yield Text(f"{place}: {table}.{name}", "\n".join(texts), values=True)
    finally:
        database.close()
