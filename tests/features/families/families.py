"""One family's signals of one citizen, by name."""

from __future__ import annotations

from typing import Any

from features.columns import matrix
from features.families import families_of
from tests.features.told import PACK, Row, known


def signals_of(family: str, *rows: Row, **more: Any) -> dict[str, float | None]:
    """The signals that ``family`` makes of ``rows`` for the first citizen."""
    (one,) = (candidate for candidate in families_of(PACK) if candidate.name == family)
    records = known(*rows, **more)
    return matrix(one.compute(records, PACK), len(records.citizens)).row(0, named=True)
