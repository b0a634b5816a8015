"""The bytes of a delivered file, in blocks; a gzip file is unpacked on the way."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path

from features.sources.chunks import TruncatedFile


def file_blocks(path: Path, size: int) -> Iterator[bytes]:
    """The bytes of ``path`` in blocks of about ``size``.

    Raises
    ------
    TruncatedFile
        After the last bytes that could be read, when the file is compressed and stops short.
    """
    return _inflated(path, size) if path.suffix == ".gz" else _plain(path, size)


def _plain(path: Path, size: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(size):
            yield block


def _inflated(path: Path, size: int) -> Iterator[bytes]:
    """The decompressed bytes of a gzip file (of any number of members), as far as they go."""
    inflate = zlib.decompressobj(wbits=31)
    begun = False
    pending: list[bytes] = []
    held = 0
    fault: TruncatedFile | None = None
    with path.open("rb") as file:
        while fault is None and (packed := file.read(1 << 20)):
            while packed:
                begun = True
                try:
                    data = inflate.decompress(packed)
                except zlib.error:
                    fault = TruncatedFile("its compressed data is damaged")
                    break
                pending.append(data)
                held += len(data)
                packed = inflate.unused_data.lstrip(b"\0")
                if inflate.eof:
                    inflate, begun = zlib.decompressobj(wbits=31), False
            if held >= size:
                yield b"".join(pending)
                pending, held = [], 0
    if pending:
        yield b"".join(pending)
    if fault is None and begun:
        fault = TruncatedFile("its compressed data stops before the end")
    if fault is not None:
        raise fault
