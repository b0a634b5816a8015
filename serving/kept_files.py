"""Files that commands left in a workspace: signals, scores, logs. Citizens are taken out of them.

A Parquet file is rewritten without the rows in which a pseudonym stands, as a number or as a text
(found by looking, so that a file of a new command is not forgotten); in a log a pseudonym is
blotted out where it stands, for a server may hold the file open.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

import polars as pl

from features.leftovers import Sought, files_in


def clean_parquet(folders: Iterable[Path], citizens: Collection[int]) -> int:
    """Rewrite every Parquet file in ``folders`` that has rows of ``citizens``; how many rows."""
    removed = 0
    for path in files_in(folders):
        if path.suffix == ".parquet":
            removed += _rewrite(path, citizens)
    return removed


def blot_logs(folder: Path, sought: Sought) -> int:
    """Overwrite what stands of them in the files of ``folder``; in how many files."""
    return sum(_blot(path, sought) for path in files_in([folder]))


def _rewrite(path: Path, citizens: Collection[int]) -> int:
    try:
        theirs = _theirs(pl.read_parquet_schema(path), citizens)
        file = pl.scan_parquet(path, glob=False)
        count = int(file.filter(theirs).select(pl.len()).collect().item())
    except pl.exceptions.PolarsError:
        return 0  # a file that cannot be read is told by the looking
    if count:
        filling = path.with_name(f".{path.name}.new")
        file.filter(~theirs).sink_parquet(filling)
        filling.replace(path)
    return count


def _theirs(schema: Mapping[str, pl.DataType], citizens: Collection[int]) -> pl.Expr:
    numbers = pl.Series(list(citizens), dtype=pl.Int64)
    texts = numbers.cast(pl.String).implode()
    matches = [pl.col(name).is_in(numbers.implode()) for name in schema if schema[name] == pl.Int64]
    matches += [pl.col(name).is_in(texts) for name in schema if schema[name] == pl.String]
    return pl.any_horizontal(pl.lit(value=False), *matches).fill_null(value=False)


def _blot(path: Path, sought: Sought) -> bool:
    data = path.read_bytes()
    if not sought.in_text(data):
        return False
    low = data.lower()
    with path.open("r+b") as file:
        for form in (one.encode().lower() for one in sought.written):
            start = low.find(form)
            while start >= 0:
                file.seek(start)
                file.write(b"x" * len(form))
                start = low.find(form, start + len(form))
    return True
