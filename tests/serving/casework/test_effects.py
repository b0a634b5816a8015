"""Knock-on effects: what a suggestion may change in what the citizen has already."""

from __future__ import annotations

import pytest

from features.errors import PackError
from features.loading import load_pack
from tests.serving.office import BAKKER, JANSEN, KIM, PACK, PURPOSE, Office, Somebody


def effects(office: Office, somebody: Somebody) -> dict[str, list[tuple[str, str]]]:
    found = office.application.suggest(
        office.citizen(somebody), language="en", purpose=PURPOSE, by=KIM, slots=10
    )
    return {card.service: [(one.service, one.text) for one in card.effects] for card in found.cards}


def test_only_what_someone_has_is_affected(office: Office) -> None:
    assert effects(office, BAKKER)["coffee"] == [("top-up", "Coffee does not count as income.")]
    assert set(map(tuple, effects(office, JANSEN).values())) == {()}


def test_a_pack_cannot_affect_what_it_does_not_have(tmp_path) -> None:
    for file in PACK.rglob("*.yaml"):
        copy = tmp_path / file.relative_to(PACK)
        copy.parent.mkdir(parents=True, exist_ok=True)
        text = file.read_text(encoding="utf-8").replace("affects: {top-up:", "affects: {topup:")
        copy.write_text(text, encoding="utf-8")
    with pytest.raises(PackError, match="affects"):
        load_pack(tmp_path)
