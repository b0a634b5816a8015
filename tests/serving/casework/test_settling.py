"""What follows: answers reach the lake, and outcomes the ledger, by themselves and once."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest

from features.lake import Lake
from serving.bootstrap import settling_of
from serving.casework.facts_told import SOURCE
from serving.casework.outcomes import LATE
from serving.ledger import IGNORED_AFTER, read_ledger
from serving.settling import Settled
from tests.serving.office import JANSEN, KIM, NOW, PURPOSE, Office

HORIZON = timedelta(days=180)
SOON = NOW + timedelta(days=20)


@pytest.fixture
def shown(office: Office) -> dict[str, str]:
    """The suggestions that Kim saw for Jansen, by service."""
    found = office.application.suggest(
        office.citizen(JANSEN), language="nl", purpose=PURPOSE, by=KIM
    )
    return {card.service: str(card.id) for card in found.cards}


def settle(office: Office, now=NOW) -> Settled:
    settling = settling_of(office.workspace, now=lambda: now)
    try:
        return settling.settle()
    finally:
        settling.database.close()


def ledger(office: Office, suggestion: str, now=NOW) -> dict[str, object]:
    rows = read_ledger(office.application.database, now)
    return rows.filter(pl.col("suggestion") == suggestion).row(0, named=True)


def happens(office: Office, lake: Lake, kind: str, service: str, days: int) -> None:
    """An event of Jansen so many days after :data:`NOW`, known a day later."""
    like = lake.scan("events").filter(pl.col("type") == "granted").head(1).collect()
    at = NOW + timedelta(days=days)
    moment = pl.lit(at).cast(like.schema["occurred_at"])
    row = like.with_columns(
        citizen=pl.lit(office.citizen(JANSEN), dtype=pl.Int64),
        event_id=pl.lit(f"{kind}-{service}-{days}"),
        type=pl.lit(kind),
        case_type=pl.lit(service),
        occurred_at=moment,
        known_at=moment + timedelta(days=1),
    )
    lake.append("events", row)


def told(office: Office) -> pl.DataFrame:
    lake = office.workspace.open_lake()
    tables = (lake.scan(name).filter(pl.col("source") == SOURCE) for name in ("facts", "protected"))
    return pl.concat([one.collect() for one in tables])


def test_answers_reach_the_lake_once_and_their_withdrawal_after_them(office: Office) -> None:
    casework, citizen = office.application.casework, office.citizen(JANSEN)
    kept = casework.tell(citizen, "savings", "1500", language="nl", purpose=PURPOSE, by=KIM)
    casework.tell(citizen, "disabled", "nee", language="nl", purpose=PURPOSE, by=KIM)
    assert settle(office).facts == 2
    assert settle(office).facts == 0
    assert sorted(told(office)["name"]) == ["disabled", "savings"]
    casework.withdraw(kept.id, by=KIM)
    assert settle(office).facts == 1
    ended = told(office).filter(pl.col("valid_to").is_not_null())
    assert ended["valid_to"].to_list() == ended["valid_from"].to_list()


def test_what_followed_is_joined_when_it_is_known_and_not_before(
    office: Office, shown: dict[str, str]
) -> None:
    lake = office.workspace.open_lake()
    happens(office, lake, "applied", "old-age", 5)
    happens(office, lake, "granted", "old-age", 30)
    happens(office, lake, "granted", "rent-help", 200)  # after the horizon

    settle(office, NOW + timedelta(days=5))
    assert ledger(office, shown["old-age"])["followed"] is None
    settle(office, NOW + timedelta(days=7))
    row = ledger(office, shown["old-age"])
    assert (row["followed"], row["followed_at"]) == ("applied", NOW + timedelta(days=5))
    settle(office, NOW + timedelta(days=40))
    row = ledger(office, shown["old-age"])
    assert (row["followed"], row["followed_at"]) == ("granted", NOW + timedelta(days=30))

    over = NOW + HORIZON + LATE
    settle(office, over - timedelta(days=1))
    assert ledger(office, shown["rent-help"])["followed"] is None
    settle(office, over + timedelta(days=1))
    assert ledger(office, shown["rent-help"])["followed"] == "nothing"
    assert settle(office, over + timedelta(days=1)).outcomes == 0


def test_what_was_not_shown_has_an_outcome_as_well(office: Office, shown: dict[str, str]) -> None:
    settle(office, NOW + HORIZON + LATE + timedelta(days=1))
    rows = read_ledger(office.application.database, NOW)
    lower = rows.filter(pl.col("rank").is_not_null(), ~pl.col("shown"))
    assert lower.height > 0
    assert lower["followed"].null_count() == 0
    assert rows.filter(pl.col("withheld_by").is_not_null())["followed"].null_count() == (
        rows.filter(pl.col("withheld_by").is_not_null()).height
    )


def test_what_is_left_alone_was_ignored_after_a_while(
    office: Office, shown: dict[str, str]
) -> None:
    assert ledger(office, shown["top-up"], NOW + timedelta(days=1))["ignored"] is False
    later = NOW + IGNORED_AFTER + timedelta(days=1)
    assert ledger(office, shown["top-up"], later)["ignored"] is True
