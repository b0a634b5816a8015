"""The office's last word goes before rules on older facts, until something changes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.catalogue import Objective, Rules
from features.snapshot import dictionary
from models.closings import LOOKED_AT_AGAIN, Closing
from models.heads import Head, Prior
from models.matrix import Columns
from tests.models.town import criterion, service, town_pack

NEVER = np.nan
ENDED, GRANTED, HELD = 0, 1, 2
CLOSING = Closing(ENDED, GRANTED, closed_by_grant=False, held=(HELD,))
days = st.one_of(st.just(NEVER), st.integers(0, 4000).map(float))


def rows(*each: tuple[float, float, float]) -> np.ndarray:
    """Days since the end, since the grant, and that the fact has held."""
    return np.array(each, dtype=np.float32)


def test_an_end_stands_while_the_facts_are_older():
    found = CLOSING.closed(
        rows(
            (100, 900, 400),  # ended, and the fact is from before
            (100, 900, 40),  # the fact changed since
            (100, 50, 400),  # granted again since
            (NEVER, 900, 400),  # it ran out by itself
            (NEVER, NEVER, 400),  # never had it
        )
    )
    assert found.tolist() == [True, False, False, False, False]


def test_a_grant_meets_the_need_where_it_may_be_granted_again():
    again = replace(CLOSING, closed_by_grant=True)
    assert again.closed(rows((NEVER, 80, 400), (NEVER, 80, 40))).tolist() == [True, False]


def test_where_nothing_tells_how_old_the_facts_are_an_end_stands_for_a_year():
    blind = replace(CLOSING, held=())
    since = LOOKED_AT_AGAIN
    assert blind.closed(rows((since, 900, 1), (since + 1, 900, 1))).tolist() == [True, False]


@given(days, days, days)
def test_news_only_ever_opens(ended, granted, held):
    fresh = CLOSING.closed(rows((ended, granted, 0)))
    old = CLOSING.closed(rows((ended, granted, held)))
    assert not fresh[0] or old[0] or np.isnan(held)


def test_it_survives_json():
    assert Closing.from_dict(CLOSING.as_dict()) == CLOSING


def test_it_is_read_off_the_pack():
    """The town tells of no ends; the facts are those that the rules ask."""
    pack = town_pack(pass_again=service(criteria=(criterion("low", "earner"),), repeatable=True))
    columns = Columns.of(dictionary(pack))
    found = Closing.of(pack, columns, "pass_again")
    assert found is not None
    assert "fact_income_held_days" in {columns.names[place] for place in found.held}
    assert Closing.of(pack, columns, "allowance") is None
    soft = pack.services["pass_again"].model_copy(update={"rules": Rules.EXCLUDE})
    assert Closing.of(replace(pack, services={"soft": soft}), columns, "soft") is None


@pytest.mark.parametrize(("unaided", "least"), [(0.1, 0.1), (0.4, 0.4)])
def test_a_closed_right_is_no_need_until_checks_say_so(unaided, least):
    """What is known of it is who gets it again; that is no need."""
    head = Head(
        "aid", Objective.UNMET_NEED, 90, "granted", Prior(unaided, unaided), Prior(0.5, 0.5),
        closing=CLOSING,
    )  # fmt: skip
    matrix = rows((100, 900, 400), (NEVER, NEVER, 400))
    entitled, _, need = head.score(matrix, np.array([True, True]))
    assert entitled.tolist() == [pytest.approx(least), 1.0]
    assert need.tolist() == [0.0, pytest.approx(1 - unaided)]
    checked = replace(head, closing=replace(CLOSING, entitled=0.6))
    assert checked.score(matrix, np.array([True, True]))[2][0] == pytest.approx(0.6 - unaided)
