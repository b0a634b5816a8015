"""Files of JSON messages: one a line, one array of them, or a single one; plain or gzipped.

A message that is not JSON costs its neighbours nothing: an array is cut into its elements before
any of them is read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from features.quarantine import Reason
from features.sources.chunks import TruncatedFile
from features.sources.file_blocks import file_blocks

Json = dict[str, Any]
"""A message: a JSON object, its numbers as :class:`Number`."""

BLOCK_BYTES = 1 << 20
LARGEST_DOCUMENT = 64 << 20
"""A file that is one JSON object is held as a whole: this many bytes at most."""

_LINES = (".jsonl", ".ndjson")
_TOKEN = re.compile(rb'\\.|["{}\[\],]', re.DOTALL)


class Number(str):
    """A number as it was written, so that none of its digits is lost."""

    __slots__ = ()


class NoMessage(Exception):
    """Something that cannot be taken for a message. It says why, never what was in it."""

    def __init__(self, reason: Reason, column: str | None = None) -> None:
        super().__init__(str(reason))
        self.reason = reason
        self.column = column


def parsed(text: bytes) -> Any:
    """Any JSON value, its numbers as :class:`Number`.

    Raises
    ------
    NoMessage
        When it is not JSON in UTF-8, or nested beyond measure.
    """
    try:
        return json.loads(
            text.decode("utf-8-sig"),
            parse_int=Number,
            parse_float=Number,
            parse_constant=_no_constant,
        )
    except (ValueError, RecursionError):
        raise NoMessage(Reason.MALFORMED_ROW) from None


def message(text: bytes, largest: int) -> Json:
    """One message of at most ``largest`` bytes; raises NoMessage when it is none."""
    if len(text) > largest:
        raise NoMessage(Reason.MESSAGE_TOO_LARGE)
    value = parsed(text)
    if not isinstance(value, dict):
        raise NoMessage(Reason.MALFORMED_ROW)
    return value


def messages(path: Path, largest: int) -> Iterator[Json | NoMessage]:
    """The messages of ``path`` in order; what is none is handed over as the fault it is.

    Raises
    ------
    TruncatedFile
        After the last message that could be read, when the file stops short.
    """
    for text in _texts(path, largest):
        yield _told(text, largest)


def elements(text: bytes, largest: int) -> Iterator[Json | NoMessage]:
    """The messages of a JSON array; a last fault when it does not end."""
    try:
        for element in _elements(iter([text]), largest):
            yield _told(element, largest)
    except TruncatedFile:
        yield NoMessage(Reason.MALFORMED_ROW)


def _told(text: bytes | None, largest: int) -> Json | NoMessage:
    if text is None:
        return NoMessage(Reason.MESSAGE_TOO_LARGE)
    try:
        return message(text, largest)
    except NoMessage as fault:
        return fault


def _texts(path: Path, largest: int) -> Iterator[bytes | None]:
    """The text of each message; None for one of more than ``largest`` bytes."""
    start = _start(path)
    if start.startswith(b"["):
        yield from _elements(file_blocks(path, BLOCK_BYTES), largest)
    elif _is_lines(path, start):
        yield from _lines(file_blocks(path, BLOCK_BYTES), largest)
    else:
        yield _document(path)


def _start(path: Path) -> bytes:
    """The first bytes of a file; none of one that stops before them."""
    try:
        block = next(file_blocks(path, BLOCK_BYTES), b"")
    except TruncatedFile:
        return b""
    return block.removeprefix(b"\xef\xbb\xbf").lstrip()


def _is_lines(path: Path, start: bytes) -> bool:
    """Whether each line is a message: the first is whole, or the second begins another."""
    if path.name.removesuffix(".gz").endswith(_LINES) or not start:
        return True
    first, _, rest = start.partition(b"\n")
    return first.rstrip().endswith(b"}") or rest.startswith(b"{")


def _lines(blocks: Iterator[bytes], largest: int) -> Iterator[bytes | None]:
    held, dropped = b"", False
    for block in blocks:
        *whole, held = (held + block).split(b"\n")
        for line in whole:
            if dropped or line.strip():
                yield None if dropped or len(line) > largest + 1 else line.strip()
            dropped = False
        if len(held) > largest + 1:
            held, dropped = b"", True
    if dropped or held.strip():
        yield None if dropped else held.strip()


def _document(path: Path) -> bytes | None:
    text = b""
    for block in file_blocks(path, BLOCK_BYTES):
        text += block
        if len(text) > LARGEST_DOCUMENT:
            return None
    return text


def _elements(blocks: Iterator[bytes], largest: int) -> Iterator[bytes | None]:
    """The elements of a JSON array, found by its brackets and quotes alone."""
    cutter = _Cutter(largest)
    for block in blocks:
        yield from cutter.cut(block)
        if cutter.ended:
            return
    raise TruncatedFile("its JSON stops before the end")


class _Cutter:
    """Cuts an array that comes in blocks at the commas between its elements."""

    def __init__(self, largest: int) -> None:
        self._largest = largest
        self._depth = 0
        self._quoted = False
        self._piece = b""
        self._dropped = False
        self._rest = b""
        self.ended = False

    def cut(self, block: bytes) -> Iterator[bytes | None]:
        """The elements that end in ``block``."""
        block = self._rest + block
        # A backslash and what it escapes are never parted.
        odd = (len(block) - len(block.rstrip(b"\\"))) % 2
        block, self._rest = (block[:-1], b"\\") if odd else (block, b"")
        start = 0
        for token in _TOKEN.finditer(block):
            mark = token.group()
            if mark == b'"':
                self._quoted = not self._quoted
            elif self._quoted:
                continue
            elif mark in b"{[":
                self._depth += 1
                if self._depth == 1:
                    start = token.end()
            elif mark in b"}]":
                self._depth -= 1
            if not self._quoted and (
                (mark == b"," and self._depth == 1) or (mark == b"]" and self._depth == 0)
            ):
                self._take(block[start : token.start()])
                start = token.end()
                self.ended = self._depth == 0
                if self._dropped or not self.ended or self._piece.strip():
                    yield None if self._dropped else self._piece.strip()
                self._piece, self._dropped = b"", False
                if self.ended:
                    return
        self._take(block[start:])

    def _take(self, more: bytes) -> None:
        if self._dropped or len(self._piece) + len(more) > self._largest + BLOCK_BYTES:
            self._piece, self._dropped = b"", True
        else:
            self._piece += more


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
