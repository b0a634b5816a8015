"""Who asks from the command line, and as of when."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from typing import Annotated

import polars as pl
import typer

from features.arrivals import arrivals
from features.lake import Lake
from serving.campaigns.outreach import SOURCE
from serving.cli.utc import utc
from serving.errors import NotReadyError
from serving.security import Caller, Role

AsOfOption = Annotated[
    datetime | None,
    typer.Option("--as-of", help="As known at this date; the last delivery by default."),
]
TokenOption = Annotated[
    str | None, typer.Option("--token", help="Who asks.", envvar="VOORZET_TOKEN")
]


def operator(*roles: Role) -> Caller:
    """Whoever sits at this machine, in the roles the command needs; the audit names them."""
    name = getpass.getuser()
    return Caller(f"cli:{name}", name, frozenset(roles))


def moment(lake: Lake, asked: datetime | None) -> datetime:
    """The date asked for, in UTC; or the last moment at which a silo made something known.

    Raises NotReadyError when the lake is empty.
    """
    if asked is not None:
        return utc(asked)
    now = datetime.now(UTC)
    known = arrivals(lake).filter(pl.col("source") != SOURCE, pl.col("first_at") <= now)
    last = known["last_at"].max()
    if not isinstance(last, datetime):
        raise NotReadyError("the lake is empty: run voorzet ingest --data <folder or file> first")
    return min(last, now)
