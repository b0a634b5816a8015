"""The stop switch: off at once on every worker, told in why-not, and in the audit."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from serving.bootstrap import bootstrap
from serving.errors import InvalidRequestError, NotAllowedError
from serving.schema import audit
from serving.security import Caller, Role
from serving.stops import Scope, Stop
from tests.serving.office import JANSEN, KIM, NOW, PURPOSE, Office

ADMIN = Caller("ada", "Ada Admin", frozenset({Role.ADMIN}))


@pytest.fixture
def lifting(office: Office) -> Iterator[list[Stop]]:
    """What a test stopped, and is lifted after it."""
    made: list[Stop] = []
    yield made
    for one in made:
        office.application.stops.lift(one.id, by=ADMIN)


@pytest.fixture(scope="module")
def other(office: Office) -> Iterator[Office]:
    """Another worker on the same workspace."""
    worker = object.__new__(Office)
    worker.__dict__.update(office.__dict__)
    worker.application = bootstrap(office.workspace, now=lambda: NOW)
    yield worker
    worker.application.database.close()


def shown(office: Office) -> list[str]:
    told = office.application.suggest(
        office.citizen(JANSEN), language="en", purpose=PURPOSE, by=KIM
    )
    return [card.service for card in told.cards]


def test_a_service_is_off_on_every_worker_until_it_is_lifted(
    office: Office, other: Office, lifting: list[Stop]
) -> None:
    assert "top-up" in shown(other)
    stops = office.application.stops
    lifting.append(stops.stop(Scope.SERVICE, "top-up", reason="a fault in the rules", by=ADMIN))
    assert "top-up" not in shown(other)
    assert shown(other) != []
    (why,) = other.application.why_not(
        office.citizen(JANSEN), language="en", purpose=PURPOSE, by=KIM, service="top-up"
    )
    assert (why.gate, why.text) == ("stopped", "Suggestions for this are switched off now.")
    stops.lift(lifting[0].id, by=ADMIN)
    assert "top-up" in shown(other)


@pytest.mark.parametrize("scope", [Scope.ALL, Scope.MODEL])
def test_all_suggestions_or_those_of_a_model_are_off(
    office: Office, other: Office, lifting: list[Stop], scope: Scope
) -> None:
    name = None if scope is Scope.ALL else office.bundle.version
    lifting.append(office.application.stops.stop(scope, name, reason="stop", by=ADMIN))
    assert shown(other) == []


def test_another_model_speaks_on(office: Office, lifting: list[Stop]) -> None:
    lifting.append(office.application.stops.stop(Scope.MODEL, "older", reason="stop", by=ADMIN))
    assert shown(office) != []


def test_stopping_and_lifting_are_in_the_audit(office: Office, lifting: list[Stop]) -> None:
    made = office.application.stops.stop(Scope.SERVICE, "coffee", reason="stop", by=ADMIN)
    office.application.stops.lift(made.id, by=ADMIN)
    office.application.stops.lift(made.id, by=ADMIN)  # twice is as good as once
    with office.application.database.read() as connection:
        rows = connection.execute(select(audit.c.by, audit.c.action)).all()
    assert [row.action for row in rows if row.by == "ada"][-2:] == [
        "stop service coffee",
        "lift stop of service coffee",
    ]


def test_only_who_may_stops_and_only_what_there_is(office: Office) -> None:
    stops = office.application.stops
    with pytest.raises(NotAllowedError):
        stops.stop(Scope.ALL, None, reason="x", by=KIM)
    with pytest.raises(InvalidRequestError):
        stops.stop(Scope.SERVICE, "nothing", reason="x", by=ADMIN)
    with pytest.raises(InvalidRequestError):
        stops.stop(Scope.MODEL, None, reason="x", by=ADMIN)
