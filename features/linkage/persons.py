"""Persons as the silos know them, made ready to be compared. Never kept: only passed on."""

from __future__ import annotations

from dataclasses import asdict

import polars as pl

from features.linkage.names import parts_of

PERSONS = pl.Schema(
    {
        "person": pl.Int64,  # the pseudonym: an alias or a citizen
        "scheme": pl.String,
        "name": pl.String,
        "birth_date": pl.Date,
        "address": pl.String,
        "postcode": pl.String,
    }
)

_NAME = pl.Struct({"family": pl.String, "given": pl.String, "initial": pl.String})
_NUMBER = r"(\d+)\s*-?\s*([a-z]{0,3}|\d{0,4})\s*$"


def prepared(persons: pl.DataFrame) -> pl.DataFrame:
    """``person`` and what is compared: ``family, given, initial, born, postcode, house``.

    Takes :data:`PERSONS`; each person once, sorted by pseudonym, so that the order in which
    people come makes no difference. ``born`` is ``1957-01-02``, ``postcode`` is ``1234ab``,
    ``house`` the number with its letter.
    """
    names = pl.col("name").map_elements(
        lambda name: asdict(parts_of(name)), return_dtype=_NAME, skip_nulls=True
    )
    postcode = pl.col("postcode").str.to_lowercase().str.replace_all(r"[^0-9a-z]", "")
    house = pl.col("address").str.to_lowercase().str.extract_groups(_NUMBER)
    together = pl.concat_str(house.struct[0], house.struct[1], separator="-").str.strip_chars("-")
    return (
        persons.sort(PERSONS.names())
        .unique("person", keep="first", maintain_order=True)
        .with_columns(names.alias("\0name"))
        .select(
            "person",
            *(pl.col("\0name").struct.field(part).alias(part) for part in _NAME.to_schema()),
            pl.col("birth_date").dt.strftime("%Y-%m-%d").alias("born"),
            _filled(postcode).alias("postcode"),
            _filled(together).alias("house"),
        )
    )


def _filled(text: pl.Expr) -> pl.Expr:
    """No text is unknown, not a text of no letters."""
    return pl.when(text != "").then(text)
