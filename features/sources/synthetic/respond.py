"""What the people of a drawn campaign do next, out of the truth: a demonstration's own future.

Nothing that serves, scores or trains comes here. It writes one more delivery of the benefits silo,
in that silo's own shape, and from there on the responses are data like any other.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from features.errors import VoorzetError
from features.pack import Pack
from features.sources.synthetic.behaviour import behaviours
from features.sources.synthetic.outreach import REACH_DAYS

OUTCOMES = {"letter": "letter", "home-visit": "home_visit", "phone": "help", "desk": "help"}
"""Which potential outcome belongs to a channel."""
DECISION_DAYS = 21


def respond(
    pack: Pack,
    truth: Path,
    folder: Path,
    members: pl.DataFrame,
    *,
    name: str,
    service: str,
    channel: str,
    drawn_on: date,
    citizen_of: Callable[[pl.Series], pl.Series],
    seed: int,
) -> int:
    """Write ``benefits/beschikkingen-<name>.csv.gz`` into ``folder``; returns how many claimed.

    Everybody does what the truth holds for them: with the channel when approached, without help
    when held out; on some day of the nine months after the draw.

    Parameters
    ----------
    members
        citizen, approached (Boolean).
    citizen_of
        The citizens of citizen service numbers.

    Raises
    ------
    VoorzetError
        When the service is not one of the benefits silo, or the channel has no known outcome.
    """
    ways = {key: way for key, way in behaviours(pack).items() if way.silo == "benefits"}
    if service not in ways or channel not in OUTCOMES:
        raise VoorzetError(
            f"outcomes can be simulated for {', '.join(sorted(ways))}, "
            f"by {', '.join(sorted(OUTCOMES))}"
        )
    claims = _claims(truth, members, service, OUTCOMES[channel], drawn_on, citizen_of)
    days = np.random.default_rng(seed).integers(7, REACH_DAYS, claims.len())
    lines = ["volgnr,bsn,regeling,soort,dossier,tijdstip,verwerkt"]
    for number, (bsn, wait) in enumerate(zip(claims, days.tolist(), strict=True)):
        asked = drawn_on + timedelta(days=wait)
        for kind, day in (("A", asked), ("T", asked + timedelta(days=DECISION_DAYS))):
            lines.append(
                f"{name}-{number}{kind},{bsn},{ways[service].code},{kind},{name}-{number},"
                f"{day}T10:00:00Z,{day + timedelta(days=2)}T20:00:00Z"
            )
    path = folder / "benefits" / f"beschikkingen-{name}.csv.gz"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(("\n".join(lines) + "\n").encode(), mtime=0))
    return claims.len()


def _claims(
    truth: Path,
    members: pl.DataFrame,
    service: str,
    outcome: str,
    drawn_on: date,
    citizen_of: Callable[[pl.Series], pl.Series],
) -> pl.Series:
    """The numbers of the members who will claim, sorted."""
    known = pl.read_parquet(truth / "response.parquet").filter(
        pl.col("service") == service, pl.col("as_of") <= drawn_on
    )
    last = known.filter(pl.col("as_of") == pl.col("as_of").max())
    claim = pl.when(pl.col("approached")).then(pl.col(outcome)).otherwise(pl.col("unaided"))
    named = last.with_columns(citizen=citizen_of(last["bsn"]))
    return named.join(members, on="citizen").filter(claim)["bsn"].sort()
