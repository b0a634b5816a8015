"""From where requests are answered: a new model or delivery counts, and many ask at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from features.lake import Lake
from models.heads import Prior
from serving.api.app import app_of
from serving.bootstrap import bootstrap
from serving.ledger import read_ledger
from serving.standpoint import LakeView
from serving.workspace import Workspace
from tests.serving.office import JANSEN, KIM, NOW, PACK, PURPOSE, VISSER, Office


def test_a_promoted_model_counts_from_the_next_request(office: Office) -> None:
    suggest, citizen = office.application.suggest, office.citizen(JANSEN)
    before = suggest(citizen, language="en", purpose=PURPOSE, by=KIM)
    head = replace(office.bundle.heads["rent-help"], unaided=Prior(0.9, 0.9))
    heads = office.bundle.heads | {"rent-help": head}
    other = replace(office.bundle, heads=heads, trained_at=NOW + timedelta(days=1))
    folder = other.write(office.workspace.bundles / other.version)
    new = office.workspace.bundles / "new"
    new.symlink_to(folder)
    new.rename(office.workspace.champion)
    after = suggest(citizen, language="en", purpose=PURPOSE, by=KIM)
    assert (before.model_version, after.model_version) == (office.bundle.version, other.version)


def test_many_ask_at_once_and_the_audit_chain_holds(office: Office) -> None:
    people = [office.citizen(one) for one in (JANSEN, VISSER, *office.people[4:10])]

    def ask(citizen: int) -> str:
        found = office.application.suggest(citizen, language="nl", purpose=PURPOSE, by=KIM)
        return f"{citizen} {len(found.cards)}"

    alone = [ask(citizen) for citizen in people]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(ask, people * 2))
    assert together == alone * 2
    assert office.application.audit.check() is None
    assert read_ledger(office.application.database)["slate"].n_unique() >= 3 * len(people)


def test_a_workspace_without_data_or_model_says_what_is_missing(tmp_path: Path) -> None:
    application = bootstrap(Workspace.init(tmp_path / "empty", PACK))
    with TestClient(app_of(application)) as client:
        ready = client.get("/readyz")
        assert ready.status_code == 503
        assert ready.json()["database"] == "ok"
        assert ready.json()["lake"] == "holds no events yet"
        assert "voorzet train" in ready.json()["model"]
        body = {"citizen": "1", "purpose": PURPOSE}
        token = {"Authorization": f"Bearer {application.tokens.issue(KIM)}"}
        asked = client.post("/v1/suggestions/_search", json=body, headers=token)
        assert asked.status_code == 503
        assert "voorzet train" in asked.json()["detail"]


def test_decisions_are_seen_again_after_a_restart(office: Office) -> None:
    citizen = office.citizen(office.people[12])
    made = office.application.object(citizen, purpose=PURPOSE, by=KIM)
    again = bootstrap(office.workspace, now=lambda: NOW)
    person = again.person(citizen, language="nl", purpose=PURPOSE, by=KIM)
    assert [one.id for one in person.objections] == [made.id]
    assert again.suggest(citizen, language="nl", purpose=PURPOSE, by=KIM).cards == ()
    again.database.close()


@pytest.mark.parametrize(("seconds", "same"), [(60.0, True), (-1.0, False)])
def test_the_lake_is_opened_anew_when_what_is_held_is_old(
    tmp_path: Path, seconds: float, same: bool
) -> None:
    view = LakeView(lambda: Lake(str(tmp_path / "lake")), seconds=seconds)
    assert (view.current() is view.current()) == same
