"""Insight from the ledger: people are counted once, and fewer than ten are never told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from serving.answers import Outcome
from serving.errors import InvalidRequestError, NotAllowedError
from serving.insight import ServiceInsight
from serving.security import Caller, Role
from tests.serving.office import KIM, PURPOSE, Office

ANALYST = Caller("ada", "Ada", frozenset({Role.DATA_SCIENTIST}))
LOOKED_AT = 12


@pytest.fixture(scope="module")
def told(office: Office) -> dict[str, ServiceInsight]:
    """Twelve people were looked at, each twice; nine of them do not want the first card."""
    application = office.application
    for number, somebody in enumerate(office.people[10 : 10 + LOOKED_AT]):
        citizen = office.citizen(somebody)
        for _ in range(2):
            found = application.suggest(citizen, language="nl", purpose=PURPOSE, by=KIM)
        coffee = next((card for card in found.cards if card.service == "coffee"), None)
        if coffee is not None and number < 9:
            application.decide(
                coffee.id, Outcome.OVERRIDDEN, by=KIM, language="nl", reason="does-not-want"
            )
    insight = application.insight.suggestions(days=365, language="en", by=ANALYST)
    return {one.service: one for one in insight.services}


def test_every_service_of_the_catalogue_is_told(
    office: Office, told: dict[str, ServiceInsight]
) -> None:
    assert list(told) == list(office.pack.services)
    assert told["coffee"].title == "Coffee morning"


def test_people_are_counted_once_however_often_they_were_looked_at(
    told: dict[str, ServiceInsight],
) -> None:
    shown = [one.shown for one in told.values()]
    assert LOOKED_AT in shown
    assert all(count is None or count == 0 or 10 <= count <= LOOKED_AT for count in shown)
    held = {one.code: one.people for one in told["bus-pass"].withheld}
    assert held == {"purpose": LOOKED_AT}


def test_fewer_than_ten_are_not_told(told: dict[str, ServiceInsight]) -> None:
    assert [(one.code, one.people) for one in told["coffee"].outcomes] == [("overridden", None)]
    assert [(one.code, one.people) for one in told["coffee"].reasons] == [("does-not-want", None)]


def test_before_the_window_nothing_is_counted(office: Office) -> None:
    insight = office.application.insight
    later = replace(insight, now=lambda: insight.now().replace(year=2030))
    counted = later.suggestions(days=30, language="nl", by=ANALYST).services
    assert {one.shown for one in counted} == {0}


def test_who_may_and_in_which_language(office: Office) -> None:
    with pytest.raises(NotAllowedError):
        office.application.insight.suggestions(days=30, language="nl", by=KIM)
    with pytest.raises(InvalidRequestError):
        office.application.insight.suggestions(days=30, language="fr", by=ANALYST)
