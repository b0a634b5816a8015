"""Off-policy estimates from the ledger that the application wrote."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from serving.answers import Outcome
from serving.cli.console import steps
from serving.cli.off_policy import OffPolicy, off_policy
from tests.serving.office import KIM, NOW, PURPOSE, Office

LATER = NOW + timedelta(days=60)


@pytest.fixture(scope="module")
def explored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Every last place is drawn by lot; the first of each slate's cards is taken up."""
    made = Office(tmp_path_factory.mktemp("explored"), crowd=60)
    asked = replace(made.application.suggester, exploration=1.0)
    for somebody in made.people:
        found = asked.suggest(
            made.citizen(somebody), language="en", purpose=PURPOSE, by=KIM, slots=1
        )
        for card in found.cards[:1]:
            made.application.decide(card.id, Outcome.ACCEPTED, by=KIM, language="en")
    yield made
    made.application.database.close()


def estimated(office: Office, *, rescored: bool = True) -> OffPolicy:
    with steps() as bars:
        return off_policy(office.workspace, office.bundle if rescored else None, bars, now=LATER)


def test_a_ledger_without_draws_gives_no_figure(office: Office) -> None:
    found = estimated(office, rescored=False)
    assert found.slots.count == 0
    assert {one.policy: one.why_not for one in found.values} == {
        "greedy": "few-slots",
        "uniform": "few-slots",
    }


def test_drawn_places_are_valued_under_other_policies(explored: Office) -> None:
    found = estimated(explored)
    assert found.slots.torn == 0
    assert found.slots.count > 50
    values = {one.policy: one for one in found.values}
    assert set(values) == {"greedy", "uniform", explored.bundle.version}
    uniform = values["uniform"]
    assert uniform.why_not is None
    assert uniform.ips is not None
    assert uniform.ips.value.value == pytest.approx(1.0), "all were accepted"


def test_the_champion_scored_again_would_have_ranked_as_it_did(explored: Office) -> None:
    """The same model on the same knowledge: the same first choice in every slot."""
    values = {one.policy: one for one in estimated(explored).values}
    again, then = values[explored.bundle.version], values["greedy"]
    assert again.support == then.support
    assert again.support.unsupported == 0
