"""Values out of columns: constants, translations and SQL, with what is wrong on each row."""

from __future__ import annotations

import polars as pl

from features.domain import Fact, FactType
from features.errors import SourceError
from features.quarantine import Reason
from features.sources.mapping import Const, Mapped, Moment, Sql, Value
from features.sources.moments import dates, moments

_TRUE = ("true", "1", "1.0", "yes", "y", "t")
_FALSE = ("false", "0", "0.0", "no", "n", "f")


class Faults:
    """The first thing wrong with each row, if anything."""

    def __init__(self, height: int) -> None:
        self.reason = pl.Series([None], dtype=pl.String).new_from_index(0, height)
        self.column = self.reason

    def add(self, bad: pl.Series, reason: Reason, column: str) -> None:
        """Note ``reason`` on the rows where ``bad`` (null is false) that had none yet."""
        if not bad.any():
            return
        new = bad.fill_null(False) & self.reason.is_null()
        if not new.any():
            return
        text = pl.Series([str(reason), column], dtype=pl.String)
        self.reason = self.reason.zip_with(~new, text.slice(0, 1))
        self.column = self.column.zip_with(~new, text.slice(1, 1))


def column_of(value: Value | Moment) -> str:
    """The column that ``value`` reads, or a word for where it comes from."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapped):
        return value.column
    if isinstance(value, Moment):
        return value.column or "sql"
    return "sql" if isinstance(value, Sql) else "const"


def raw_values(value: Value, frame: pl.DataFrame) -> pl.Series:
    """What ``value`` gives on each row, before any translation; typed as it is found."""
    if isinstance(value, str):
        return frame[value]
    if isinstance(value, Mapped):
        return frame[value.column]
    if isinstance(value, Const):
        return pl.Series([value.const]).new_from_index(0, frame.height)
    return evaluated(value.sql, frame)


def evaluated(sql: str, frame: pl.DataFrame) -> pl.Series:
    """An SQL expression on each row of ``frame``.

    Raises
    ------
    SourceError
        When it cannot be evaluated. The cells that it failed on are not told.
    """
    try:
        return frame.with_columns(pl.sql_expr(sql).alias("\0sql"))["\0sql"]
    except pl.exceptions.PolarsError as fault:
        raise SourceError(
            "", f"the mapping's SQL {sql!r} failed ({type(fault).__name__}): TRY_CAST may mend it"
        ) from None


def texts(value: Value | None, frame: pl.DataFrame, faults: Faults, reason: Reason) -> pl.Series:
    """``value`` as text on each row; a raw value without translation is a fault."""
    if value is None:
        return pl.Series([None], dtype=pl.String).new_from_index(0, frame.height)
    raw = raw_values(value, frame).cast(pl.String)
    if not isinstance(value, Mapped):
        return raw
    translated = raw.replace_strict(
        list(value.map), list(value.map.values()), default=value.otherwise, return_dtype=pl.String
    )
    translated = translated.zip_with(raw.is_not_null(), raw)
    faults.add(raw.is_not_null() & translated.is_null(), reason, value.column)
    return translated


def numbers(
    value: Value | None, frame: pl.DataFrame, faults: Faults, *, decimal_comma: bool = False
) -> pl.Series:
    """``value`` as Float64 on each row; what is no finite number is a fault."""
    if value is None:
        return pl.Series([None], dtype=pl.Float64).new_from_index(0, frame.height)
    raw = raw_values(value, frame)
    if isinstance(value, Mapped):
        raw = texts(value, frame, faults, Reason.UNKNOWN_VALUE)
    if raw.dtype == pl.String:
        raw = raw.str.strip_chars()
        if decimal_comma:
            raw = raw.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    number = raw.cast(pl.Float64, strict=False)
    faults.add(
        raw.is_not_null() & ~number.is_finite().fill_null(False),
        Reason.BAD_NUMBER,
        column_of(value),
    )
    return number


def instants(
    moment: Moment, frame: pl.DataFrame, faults: Faults, zone: str, *, required: bool
) -> pl.Series:
    """``moment`` in UTC on each row; what is no date (or, when required, empty) is a fault."""
    raw = _raw_moment(moment, frame)
    found = moments(
        raw,
        zone=moment.time_zone or zone,
        form=moment.format,
        day=moment.granularity == "day",
        plus_days=moment.plus_days,
    )
    bad = found.is_null() if required else found.is_null() & raw.is_not_null()
    faults.add(bad, Reason.BAD_DATE, column_of(moment))
    return found


def days(moment: Moment, frame: pl.DataFrame, faults: Faults) -> pl.Series:
    """``moment`` as a date on each row; an empty cell is null."""
    raw = _raw_moment(moment, frame)
    found = dates(raw, moment.format)
    faults.add(found.is_null() & raw.is_not_null(), Reason.BAD_DATE, column_of(moment))
    return found


def fact_values(
    fact: Fact,
    value: Value,
    frame: pl.DataFrame,
    faults: Faults,
    *,
    date_format: str | None,
    decimal_comma: bool,
) -> tuple[pl.Series, pl.Series]:
    """A fact's value as text and as number (see :mod:`features.facts`); null is not known."""
    if fact.type is FactType.NUMBER:
        number = numbers(value, frame, faults, decimal_comma=decimal_comma)
        return number.cast(pl.String), number
    if fact.type is FactType.DATE:
        raw = raw_values(value, frame)
        day = dates(raw, date_format)
        faults.add(day.is_null() & raw.is_not_null(), Reason.BAD_DATE, column_of(value))
        return day.cast(pl.String), day.to_physical().cast(pl.Float64)
    text = texts(value, frame, faults, _untranslated(fact)).str.strip_chars()
    if fact.type is FactType.BOOLEAN:
        names = (*_TRUE, *_FALSE)
        codes = [1.0] * len(_TRUE) + [0.0] * len(_FALSE)
        number = _coded(text.str.to_lowercase(), names, codes)
        faults.add(text.is_not_null() & number.is_null(), Reason.UNKNOWN_VALUE, column_of(value))
        return _coded_text(number), number
    number = _coded(text, fact.categories, [float(i) for i in range(len(fact.categories))])
    faults.add(text.is_not_null() & number.is_null(), Reason.UNKNOWN_CATEGORY, column_of(value))
    return text, number


def _raw_moment(moment: Moment, frame: pl.DataFrame) -> pl.Series:
    if moment.column is not None:
        return frame[moment.column]
    return evaluated(moment.sql or "", frame)


def _untranslated(fact: Fact) -> Reason:
    is_category = fact.type is FactType.CATEGORY
    return Reason.UNKNOWN_CATEGORY if is_category else Reason.UNKNOWN_VALUE


def _coded(text: pl.Series, names: tuple[str, ...], codes: list[float]) -> pl.Series:
    return text.replace_strict(list(names), codes, default=None, return_dtype=pl.Float64)


def _coded_text(number: pl.Series) -> pl.Series:
    return number.replace_strict(
        [1.0, 0.0], ["true", "false"], default=None, return_dtype=pl.String
    )
