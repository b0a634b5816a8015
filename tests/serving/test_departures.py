"""Who has died or moved away is suggested nothing, and the caseworker is told why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from starlette.testclient import TestClient

from features.domain import EventType
from serving.answers import Suggestions
from serving.api.app import app_of
from serving.cards import Card
from serving.security import Caller, Role
from tests.serving.office import JANSEN, KIM, PURPOSE, Office
from tests.serving.web.conftest import Visit

DESK = Caller("desk", "The desk's system", frozenset({Role.SOURCE}))


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path, crowd=20)


def happens(office: Office, name: str, kind: str, at: str) -> None:
    """The desk tells that something happened to Jansen."""
    told: dict[str, Any] = {
        "specversion": "1.0",
        "id": name,
        "source": "urn:nld:desk",
        "type": "nl.office.desk.happened",
        "time": "2026-05-31T12:00:00+02:00",
        "data": {"bsn": JANSEN.number, "type": kind, "at": at},
    }
    headers = {
        "Authorization": f"Bearer {office.token(DESK)}",
        "Content-Type": "application/cloudevents+json",
    }
    with TestClient(app_of(office.application)) as client:
        answer = client.post("/v1/events", content=json.dumps(told), headers=headers)
    assert answer.json()["accepted"] == 1


def suggested(office: Office, language: str = "en") -> Suggestions:
    return office.application.suggest(
        office.citizen(JANSEN), language=language, purpose=PURPOSE, by=KIM
    )


def cards(found: Suggestions) -> tuple[Card, ...]:
    return (*found.cards, *found.interventions)


def test_nothing_is_suggested_for_who_has_died(office: Office) -> None:
    before = suggested(office)
    assert before.cards
    assert before.departure is None
    happens(office, "d-1", "died", "2026-05-30T09:00:00+02:00")
    after = suggested(office)
    assert cards(after) == ()
    assert after.friction is None
    assert after.departure is not None
    assert after.departure.text == "Died on 30 May."
    assert (str(after.departure.day), str(after.departure.known)) == ("2026-05-30", "2026-05-30")
    assert "Overleden op 30 mei." in str(suggested(office, "nl").departure)


def test_why_not_says_so_of_every_service(office: Office) -> None:
    happens(office, "d-1", "died", "2026-05-30T09:00:00+02:00")
    every = office.application.why_not(
        office.citizen(JANSEN), language="en", purpose=PURPOSE, by=KIM
    )
    assert {one.gate for one in every} == {"departed"}
    assert {one.text for one in every} == {"The citizen has died or moved away."}


def test_a_caseload_says_so(office: Office) -> None:
    casework = office.application.casework
    casework.caseloads.add([office.citizen(JANSEN)], KIM.subject, by=KIM)
    happens(office, "d-1", "died", "2026-05-30T09:00:00+02:00")
    (one,) = casework.attentions.view(language="en", purpose=PURPOSE, by=KIM).people
    assert (one.group, one.why, one.suggestions) == ("none", "Died on 30 May.", 0)


def test_who_comes_back_is_suggested_what_fits_again(office: Office) -> None:
    before = suggested(office)
    happens(office, "d-1", "died", "2026-05-29T09:00:00+02:00")
    happens(office, "d-2", "returned", "2026-05-30T09:00:00+02:00")
    again = suggested(office)
    assert again.departure is None
    assert [card.service for card in again.cards] == [card.service for card in before.cards]


def test_who_has_died_grows_no_older_and_nothing_is_foreseen_for_them(office: Office) -> None:
    def person():
        return office.application.person(
            office.citizen(JANSEN), language="nl", purpose=PURPOSE, by=KIM
        )

    def life_events():
        told = office.application.timeline(
            office.citizen(JANSEN), language="nl", purpose=PURPOSE, by=KIM
        )
        return {
            one.type: one.at for one in (*told.entries, *told.upcoming) if one.kind == "life-event"
        }

    assert (person().age, person().died) == (69, None)
    before = life_events()
    happens(office, "d-1", "died", "2020-01-01T09:00:00+01:00")
    assert (person().age, str(person().died)) == (62, "2020-01-01")
    after = life_events()
    assert before.keys() - after.keys(), "something came after that day"
    assert all(str(day) <= "2020-01-01" for day in after.values())
    page = Visit(office.application)
    page.log_in(office.token(KIM))
    head = page.get(page.open("Jansen")).text
    assert "overleden op 1 januari 2020" in head
    assert "62 jaar geworden" in head
    happens(office, "r-1", "returned", "2026-05-31T09:00:00+02:00")  # it was a mistake
    assert (person().age, person().died) == (69, None)


def test_only_a_departure_can_be_final() -> None:
    with pytest.raises(ValidationError, match="left"):
        EventType.model_validate({"title": {"nl": "x"}, "role": "returned", "final": True})
