"""The formats of delivered files, each by its name in a mapping."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from features.sources.chunks import Chunk
from features.sources.cloudevents import read_cloudevents
from features.sources.delimited import delimited_columns, read_delimited
from features.sources.mapping import FileMapping
from features.sources.open_klant import read_klantcontacten
from features.sources.parquet import parquet_columns, read_parquet
from features.sources.xes import read_xes, xes_columns
from features.sources.zgw_cases import read_cases
from features.sources.zgw_notifications import read_notifications


@dataclass(frozen=True, slots=True)
class Format:
    """How files of one format are read.

    Parameters
    ----------
    columns
        The columns of a file, as far as needed to find all the wanted ones. None where a file
        need not have them: a message leaves out what it does not say, and that is null.
    read
        The rows of a file in order, in chunks, with the given columns alone.
    """

    columns: Callable[[Path, FileMapping, list[str]], list[str]] | None
    read: Callable[[Path, FileMapping, list[str]], Iterator[Chunk]]


_DELIMITED = Format(
    lambda path, mapping, wanted: delimited_columns(path, mapping),
    read_delimited,
)

FORMATS: dict[str, Format] = {
    "csv": _DELIMITED,
    "tsv": _DELIMITED,
    "parquet": Format(
        lambda path, mapping, wanted: parquet_columns(path, mapping),
        lambda path, mapping, columns: read_parquet(path, columns),
    ),
    "xes": Format(
        lambda path, mapping, wanted: xes_columns(path, wanted),
        lambda path, mapping, columns: read_xes(path, columns, mapping.null_values),
    ),
    "cloudevents": Format(None, read_cloudevents),
    "zgw-notifications": Format(None, read_notifications),
    "zgw-cases": Format(None, read_cases),
    "open-klant": Format(None, read_klantcontacten),
}
"""Every format but ``sql``, which is no file."""
