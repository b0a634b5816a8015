"""Open Klant: a contact is an event of each customer in it, and what was said stays there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from features.lake import Lake
from features.sources.open_klant import contact_rows
from features.tables import TABLES
from tests.features.silos import PSEUDONYMS
from tests.features.sources.services_town import ANN, BOB, RECORDED, events, recorded, run


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"), buckets=4)


def contact() -> dict[str, Any]:
    found: dict[str, Any] = recorded("klantcontacten.json")["results"][0]
    return found


def test_the_recorded_contacts_land(lake: Lake) -> None:
    report = run(lake, RECORDED / "klantcontacten.json")
    made, failed = events(lake).to_dicts()
    assert (made["type"], failed["type"]) == ("contact-made", "contact-failed")
    assert [made["citizen"], failed["citizen"]] == [
        PSEUDONYMS.one("bsn", ANN),
        PSEUDONYMS.one("bsn", BOB),
    ]
    assert (made["channel"], made["team"]) == ("phone", "KCC team 2")
    assert json.loads(made["attributes"]) == {"subject": "Wanneer hoor ik iets?", "language": "nld"}
    # Whether the third succeeded is not filled in: missing is not false.
    assert report.quarantined["contact"] == {"unknown-event-type": 1}


def test_what_was_said_and_by_whom_is_nowhere_in_the_lake(lake: Lake) -> None:
    run(lake, RECORDED / "klantcontacten.json")
    kept = [str(lake.scan(table).collect().to_dicts()) for table in TABLES]
    assert not any(ANN in text or "Gesproken" in text for text in kept)
    assert all("inhoud" not in row for row in contact_rows(contact()))


def test_a_contact_is_of_each_customer_and_of_no_helper() -> None:
    told = contact()
    people = told["_expand"]["hadBetrokkenen"]
    people.append(people[0] | {"uuid": "another"})
    rows = list(contact_rows(told))
    assert [row["betrokkene.rol"] for row in rows] == ["klant", "klant"]
    assert len({row["id"] for row in rows}) == 2


def test_a_contact_of_nobody_known_goes_to_quarantine(lake: Lake, tmp_path: Path) -> None:
    (tmp_path / "klantcontacten.json").write_text(json.dumps([contact() | {"_expand": {}}]))
    assert run(lake, tmp_path).quarantined["contact"] == {"missing-identifier": 1}


def test_identifiers_that_stand_in_the_party_itself_are_found() -> None:
    told = contact()
    party = told["_expand"]["hadBetrokkenen"][0]["_expand"]["wasPartij"]
    party["partijIdentificatoren"] = party.pop("_expand")["partijIdentificatoren"]
    (row,) = contact_rows(told)
    assert row["bsn"] == ANN


@pytest.mark.parametrize(
    ("broken", "column"), [({"uuid": None}, "uuid"), ({"kanaal": 1}, "kanaal")]
)
def test_what_is_no_contact_is_malformed(
    lake: Lake, tmp_path: Path, broken: dict[str, Any], column: str
) -> None:
    (tmp_path / "klantcontacten.json").write_text(json.dumps([contact() | broken, contact()]))
    assert run(lake, tmp_path).events == 1
    assert lake.scan("quarantine").collect()["column"].to_list() == [column]
