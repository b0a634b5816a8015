"""Whose records are not read for a relative: who objected to everything, until it is withdrawn."""

from __future__ import annotations

from tests.serving.office import BAKKER, JANSEN, KIM, PURPOSE, VISSER, Office

OTHERS = range(1, 700)


def test_an_objection_to_everything_takes_effect_at_once_until_it_is_withdrawn(
    any_office: Office,
) -> None:
    application = any_office.application
    served = application.suggester.lakes.current().objections
    jansen, bakker, visser = (any_office.citizen(one) for one in (JANSEN, BAKKER, VISSER))
    whole = application.object(jansen, purpose=PURPOSE, by=KIM)
    application.object(bakker, purpose=PURPOSE, service="top-up", by=KIM)
    assert served.everyone() == {jansen}
    assert served.among([jansen, bakker, visser]) == {jansen}
    assert served.among([bakker, visser, *OTHERS]) == served.among([]) == frozenset()
    assert served.among([jansen, *OTHERS]) == {jansen}

    run = any_office.workspace.open_lake().objections
    assert run.among([jansen, bakker]) == {jansen}
    application.withdraw_objection(whole.id, by=KIM)
    assert served.everyone() == frozenset()
    assert run.everyone() == {jansen}, "a run sees the same from beginning to end"
    assert any_office.workspace.open_lake().objections.everyone() == frozenset()
