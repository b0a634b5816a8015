"""Remembering what was worked out for the same object, while it is in use.

Packs and records are immutable, so what was worked out for one stays true of it. Two signal
families and a rule that ask the same of the same records then share one answer. What was worked out
for records is kept with them and goes when they go: :func:`kept_with_records`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, cast

if TYPE_CHECKING:
    import polars as pl

    from features.records import Records

P = ParamSpec("P")
T = TypeVar("T")


class _Same:
    """An object as a key: equal only to itself. It keeps the object alive while remembered."""

    __slots__ = ("one",)

    def __init__(self, one: object) -> None:
        self.one = one

    def __hash__(self) -> int:
        return id(self.one)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.one is self.one


def remembered(most: int) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Remember the last ``most`` answers of a function of immutable objects, told apart by
    identity. Give its arguments by position. The answer is shared: never change it."""

    def remember(work: Callable[P, T]) -> Callable[P, T]:
        @lru_cache(maxsize=most)
        def answer(*keys: _Same) -> T:
            return work(*(key.one for key in keys))  # type: ignore[call-arg, arg-type]

        @wraps(work)
        def ask(*args: P.args, **kwargs: P.kwargs) -> T:
            if kwargs:
                raise TypeError(f"{work.__name__}: give its arguments by position")
            return answer(*(_Same(one) for one in args))

        return ask

    return remember


@remembered(32)
def row_of(frame: pl.DataFrame) -> dict[str, Any]:
    """The one row of a frame of one row, by column. Shared: never change it."""
    return frame.row(0, named=True)


@remembered(64)
def empty_frame(schema: pl.Schema) -> pl.DataFrame:
    """A frame of no rows; of a schema that stands for good, for it is made but once."""
    return schema.to_frame()


@remembered(32)
def rows_of(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """The few rows of a frame, by column. Shared: never change them."""
    return frame.rows(named=True)


def kept_with_records(
    work: Callable[Concatenate[Records, P], T],
) -> Callable[Concatenate[Records, P], T]:
    """Keep each answer of a function of records (and other immutable objects, told apart by
    identity) with the records. Give its arguments by position. The answer is shared: never change
    it."""

    @wraps(work)
    def ask(records: Records, *args: P.args, **kwargs: P.kwargs) -> T:
        if kwargs:
            raise TypeError(f"{work.__name__}: give its arguments by position")
        key = (work, *map(id, args))
        if key not in records.kept:
            # The arguments stay with the answer, so that no other object gets their identity.
            records.kept[key] = (args, work(records, *args, **kwargs))
        return cast(T, records.kept[key][1])

    return cast("Callable[Concatenate[Records, P], T]", ask)
