"""Who may look at whom: a stated purpose, one's own caseload, and how often."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import pytest
from starlette.testclient import TestClient

from features.errors import VoorzetError
from serving.answers import Outcome
from serving.api.app import app_of
from serving.application import Application
from serving.errors import (
    InvalidRequestError,
    NotAllowedError,
    TooManyRequestsError,
)
from serving.security import Caller, Role
from serving.security.rates import Rates
from tests.serving.office import AUDITOR, BAKKER, JANSEN, KIM, NOW, PURPOSE, VRIES, Office


@dataclass(frozen=True)
class Own:
    """Kim's caseload."""

    citizens: frozenset[int]

    def holds(self, worker: str, citizen: int) -> bool:
        return worker == KIM.subject and citizen in self.citizens


@pytest.fixture(scope="module")
def bound(office: Office) -> Application:
    """The office, where caseworkers see their own citizens only; Kim's is Jansen."""
    own = Own(frozenset({office.citizen(JANSEN)}))
    application = office.application
    return replace(application, access=replace(application.access, caseload=own))


READS: dict[str, Callable[[Application, int, str, Caller], object]] = {
    "suggest": lambda app, who, why, by: app.suggest(who, language="nl", purpose=why, by=by),
    "why not": lambda app, who, why, by: app.why_not(who, language="nl", purpose=why, by=by),
    "timeline": lambda app, who, why, by: app.timeline(who, language="nl", purpose=why, by=by),
    "person": lambda app, who, why, by: app.person(who, language="nl", purpose=why, by=by),
    "decisions": lambda app, who, why, by: app.decisions(who, language="nl", purpose=why, by=by),
    "looks": lambda app, who, why, by: app.looks(who, purpose=why, by=by),
    "approach": lambda app, who, why, by: app.choose_approach(
        who, "not-now", language="nl", purpose=why, by=by
    ),
    "object": lambda app, who, why, by: app.object(who, purpose=why, by=by, service="coffee"),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_every_read_states_a_purpose_that_the_domain_has(
    office: Office, read: Callable[[Application, int, str, Caller], object]
) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        read(office.application, office.citizen(JANSEN), "curiosity", KIM)
    assert "curiosity" not in str(refused.value)
    held = replace(KIM, purposes=frozenset({"mobility"}))
    with pytest.raises(NotAllowedError):
        read(office.application, office.citizen(JANSEN), PURPOSE, held)


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_a_caseworker_sees_their_own_caseload_where_that_is_asked(
    office: Office, bound: Application, read: Callable[[Application, int, str, Caller], object]
) -> None:
    read(bound, office.citizen(JANSEN), PURPOSE, KIM)
    with pytest.raises(NotAllowedError):
        read(bound, office.citizen(VRIES), PURPOSE, KIM)
    looks = office.application.looks(office.citizen(VRIES), purpose=PURPOSE, by=AUDITOR)
    assert "refused: another's caseload" in {look.action for look in looks}


def test_an_auditor_sees_everybody(office: Office, bound: Application) -> None:
    both = Caller("both", "Both", frozenset({Role.AUDITOR, Role.CASEWORKER}))
    for by in (AUDITOR, both):
        assert bound.looks(office.citizen(VRIES), purpose=PURPOSE, by=by)


def test_finding_people_finds_ones_own(office: Office, bound: Application) -> None:
    assert bound.find("jansen", purpose=PURPOSE, by=KIM)
    assert bound.find("vries", purpose=PURPOSE, by=KIM) == ()
    assert office.application.find("vries", purpose=PURPOSE, by=KIM)
    assert bound.identify("bsn", JANSEN.number, purpose=PURPOSE, by=KIM)
    with pytest.raises(NotAllowedError):
        bound.identify("bsn", VRIES.number, purpose=PURPOSE, by=KIM)


def test_a_card_of_anothers_caseload_cannot_be_decided_on(
    office: Office, bound: Application
) -> None:
    citizen = office.citizen(BAKKER)
    card = office.application.suggest(citizen, language="nl", purpose=PURPOSE, by=KIM).cards[0]
    until = date(NOW.year, 12, 1)
    with pytest.raises(NotAllowedError):
        bound.decide(card.id, Outcome.DEFERRED, by=KIM, language="nl", until=until)
    objection = office.application.object(citizen, purpose=PURPOSE, by=KIM, service="coffee")
    with pytest.raises(NotAllowedError):
        bound.withdraw_objection(objection.id, by=KIM)
    office.application.withdraw_objection(objection.id, by=KIM)


def test_who_asks_too_often_waits() -> None:
    rates = Rates("3/minute")
    for _ in range(3):
        rates.hit("kim")
    with pytest.raises(TooManyRequestsError) as refused:
        rates.hit("kim")
    assert 1 <= refused.value.wait <= 60
    rates.hit("anna")


@pytest.mark.parametrize("rate", ["often", "", "-1/second"])
def test_a_rate_that_cannot_be_read_is_refused(rate: str) -> None:
    with pytest.raises(VoorzetError):
        Rates(rate)


def test_an_administrator_puts_citizens_on_a_caseload_and_then_they_are_seen(
    office: Office,
) -> None:
    """From door to door: the setting, the assignment, and the look."""
    application = office.application
    held = replace(application.access, caseload=application.casework.caseloads)
    casework = replace(application.casework, access=held)
    app = app_of(replace(application, access=held, casework=casework))
    admin = Caller("boss", "Boss", frozenset({Role.ADMIN}))
    heads = {one.subject: {"Authorization": f"Bearer {office.token(one)}"} for one in (KIM, admin)}
    body = {"citizen": str(office.citizen(BAKKER)), "purpose": PURPOSE}
    client = TestClient(app)

    def look() -> int:
        answer = client.post("/v1/timelines/_search", json=body, headers=heads["kim"])
        return answer.status_code

    def change(who: str, *, on: bool) -> int:
        asked = body | {"on": on, "worker": "kim"}
        return client.post("/v1/caseload/_change", json=asked, headers=heads[who]).status_code

    assert (look(), change("kim", on=True), look()) == (403, 403, 403)
    assert (change("boss", on=True), look()) == (200, 200)
    assert (change("boss", on=False), look()) == (200, 403)
