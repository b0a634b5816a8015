"""Standing: one citizen's is theirs among everyone's, and days end where people live."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta

import polars as pl

from models.gates import GateState
from serving.answers import Outcome
from serving.campaigns.contact import refinement
from serving.standing import Standing, read_standing
from tests.serving.office import BAKKER, JANSEN, KIM, NOW, PURPOSE, VRIES, Office, Somebody

UNTIL = (NOW + timedelta(days=9)).date()
MIDNIGHT = datetime(2026, 6, 9, 22, tzinfo=UTC)
"""The first moment of ``UNTIL`` in Amsterdam, in summer."""


def decide(office: Office, somebody: Somebody, outcome: Outcome) -> str:
    """The service that was decided on."""
    found = office.application.suggest(
        office.citizen(somebody), language="en", purpose=PURPOSE, by=KIM
    )
    card = found.cards[0]
    office.application.decide(
        card.id,
        outcome,
        by=KIM,
        language="en",
        until=UNTIL if outcome is Outcome.DEFERRED else None,
        reason=card.override_reasons[0].code if outcome is Outcome.OVERRIDDEN else None,
    )
    return card.service


def rows(frame: pl.DataFrame, citizen: int) -> pl.DataFrame:
    return frame.filter(pl.col("citizen") == citizen)


def test_standing_is_the_same_for_one_and_for_everyone(office: Office) -> None:
    deferred = decide(office, JANSEN, Outcome.DEFERRED)
    overridden = decide(office, BAKKER, Outcome.OVERRIDDEN)
    accepted = decide(office, JANSEN, Outcome.ACCEPTED)
    office.application.object(office.citizen(VRIES), purpose=PURPOSE, by=KIM)

    with office.application.database.read() as connection:
        everyone = read_standing(connection, office.pack)
        for somebody in (JANSEN, BAKKER, VRIES):
            citizen = office.citizen(somebody)
            alone = read_standing(connection, office.pack, [citizen])
            assert alone.stopped == everyone.stopped
            for field in fields(Standing):
                if field.name == "stopped":
                    continue
                of_everyone = rows(getattr(everyone, field.name), citizen)
                assert getattr(alone, field.name).equals(of_everyone)

    assert everyone.objections.rows() == [(office.citizen(VRIES), None)]
    assert everyone.deferrals.rows() == [(office.citizen(JANSEN), deferred, MIDNIGHT)]
    assert everyone.refusals.select("citizen", "service").rows() == [
        (office.citizen(BAKKER), overridden)
    ]
    assert everyone.takings.select("citizen", "service").rows() == [
        (office.citizen(JANSEN), accepted)
    ]


def test_a_campaign_reads_a_deferral_as_the_desk_does(office: Office) -> None:
    database = office.application.database
    refine = refinement(database, office.lake, office.pack, NOW, rest_days=30)
    state = refine(GateState(office.pack, NOW))
    assert state.deferrals["until"].to_list() == [MIDNIGHT]
    assert state.contact_rest_days == 30
