"""Identities in a delivery: on their way to the vault, and kept nowhere else."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

from features.links import Aliases
from features.sources.mapping import FileMapping, IdentityMapping
from features.sources.mapping_rows import Door, Rows, identifiers

IdentitySink = Callable[[pl.DataFrame], None]
"""Takes ``citizen, delivered_as, name, birth_date, address, postcode, city, phone, email,
identifier, scheme, protected_address``: texts, but for the Int64 citizen and the pseudonym that
the row was delivered under."""

_COLUMNS = (
    "name",
    "birth_date",
    "address",
    "postcode",
    "city",
    "phone",
    "email",
    "protected_address",
)


def identities_of(mapping: FileMapping, rows: Rows, aliases: Aliases, door: Door) -> pl.DataFrame:
    """What :data:`IdentitySink` takes, out of ``rows``; one row for each pseudonym delivered."""
    mapped = mapping.identity or IdentityMapping()
    columns = {name: getattr(mapped, name) for name in _COLUMNS}
    batch = rows.frame.select(
        aliases.resolve(rows.citizen).alias("citizen"),
        rows.citizen.alias("delivered_as"),
        *(
            pl.lit(None, dtype=pl.String).alias(name)
            if column is None
            else pl.col(column).cast(pl.String).alias(name)
            for name, column in columns.items()
        ),
        identifiers(mapping.subject, rows.frame, door).alias("identifier"),
        pl.lit(mapping.subject.scheme).alias("scheme"),
    )
    return batch.unique("delivered_as", keep="last", maintain_order=True)
