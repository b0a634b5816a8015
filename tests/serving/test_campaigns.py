"""Campaigns: drawn by lot, suppressed where they should be, and measured to a result."""

from __future__ import annotations

import csv
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from serving.api.app import app_of
from serving.bootstrap import bootstrap
from serving.campaigns.campaigns import Campaigns, Wanted
from serving.campaigns.drawing import APPROACH, HOLDOUT, draw, pool_size
from serving.campaigns.store import Campaign
from serving.cli.asking import moment
from serving.cli.bundles import find_champion
from serving.cli.campaign import open_campaigns, recorded_results, respond_to
from serving.cli.console import steps
from serving.errors import (
    ConflictError,
    InvalidRequestError,
    NotAllowedError,
    UnknownServiceError,
)
from serving.security import Caller, Role
from serving.workspace import Workspace
from tests.conftest import Municipality

SERVICE, PURPOSE = "zorgtoeslag", "income-support"
CASEWORKER = Caller("c", "C", frozenset({Role.CASEWORKER}))


@pytest.fixture(scope="module")
def town(municipality: Municipality, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A copy of the municipality: campaigns write in the lake."""
    folder = tmp_path_factory.mktemp("town") / "copy"
    shutil.copytree(municipality.workspace.folder, folder, symlinks=True)
    return Workspace.open(folder)


@pytest.fixture(scope="module")
def asked(town: Workspace) -> tuple[Campaigns, Caller]:
    return open_campaigns(town, None)


def composed(
    town: Workspace, asked: tuple[Campaigns, Caller], **changed: float | str | None
) -> Campaign:
    wanted = {"service": SERVICE, "channel": "letter", "capacity": 20, "holdout": 0.4}
    given = Wanted(**{**wanted, "rest_days": 90, "seed": 5, **changed})  # type: ignore[arg-type]
    at = moment(asked[0].lake, None)
    return asked[0].compose(given, find_champion(town), as_of=at, by=asked[1]).campaign


@given(
    n=st.integers(0, 400),
    capacity=st.integers(1, 200),
    holdout=st.floats(0.05, 0.9),
    seed=st.integers(0, 2**31),
)
def test_a_draw_is_repeatable_and_keeps_the_share(
    n: int, capacity: int, holdout: float, seed: int
) -> None:
    ranked = pl.DataFrame(
        {"citizen": range(n), "need": [1.0 - place / 1000 for place in range(n)]},
        schema={"citizen": pl.Int64, "need": pl.Float64},
    )
    drawn = draw(ranked, capacity=capacity, holdout=holdout, seed=seed)
    assert drawn.equals(draw(ranked, capacity=capacity, holdout=holdout, seed=seed))
    assert drawn.height == min(n, pool_size(capacity, holdout))
    held_out = int((drawn["arm"] == HOLDOUT).sum())
    assert drawn.height - held_out <= capacity
    assert abs(held_out - drawn.height * holdout) <= 1
    assert drawn["citizen"].to_list() == list(range(drawn.height))


@pytest.mark.parametrize("holdout", [0.0, 1.0, -0.1])
def test_a_campaign_without_hold_out_is_refused(holdout: float) -> None:
    with pytest.raises(InvalidRequestError, match="holdout"):
        pool_size(10, holdout)


def test_a_campaign_runs_through_to_a_result(
    town: Workspace, asked: tuple[Campaigns, Caller], tmp_path: Path
) -> None:
    campaigns, by = asked
    campaign = composed(town, asked)
    assert campaign.counts["candidates"] > 0
    assert any(reason.startswith("already-has/") for reason in campaign.counts["withheld"])
    with pytest.raises(ConflictError):
        campaigns.export(campaign.id, tmp_path / "early.csv", by=by)

    drawn = campaigns.draw(campaign.id, by=by)
    arms = campaigns.store.members(campaign.id)
    events = campaigns.lake.scan("events").filter(pl.col("source") == "outreach").collect()
    approached = arms.filter(pl.col("arm") == APPROACH)["citizen"]
    assert sorted(events["citizen"]) == sorted(approached)
    assert campaigns.draw(campaign.id, by=by) == drawn, "drawing again changes nothing"
    assert campaigns.lake.scan("events").filter(
        pl.col("source") == "outreach"
    ).collect().height == len(approached)

    claims, later = _responses(town, campaign)
    report = campaigns.report(campaign.id, now=later, by=by)
    assert report.mature
    assert (report.approached.n, report.held_out.n) == (
        len(approached),
        arms.height - len(approached),
    )
    assert 0 <= report.approached.hits + report.held_out.hits <= claims
    assert report.difference.low <= report.difference.value <= report.difference.high
    assert "95%" in report.sentence("Zorgtoeslag", "en")


def _responses(town: Workspace, campaign: Campaign) -> tuple[int, datetime]:
    with steps() as bars:
        return respond_to(town, campaign.id, bars)


def test_whoever_was_approached_is_left_alone_for_a_while(
    town: Workspace, asked: tuple[Campaigns, Caller]
) -> None:
    campaigns, by = asked
    first = composed(town, asked, service="huurtoeslag", capacity=10, holdout=0.1)
    drawn = campaigns.draw(first.id, by=by)
    chosen = campaigns.store.members(first.id).filter(pl.col("arm") == APPROACH)["citizen"]
    assert drawn.drawn_at is not None
    again = campaigns.compose(
        Wanted("huurtoeslag", "letter", 500, 0.1, 90, 5),
        find_champion(town),
        as_of=drawn.drawn_at + timedelta(days=1),
        by=by,
    ).campaign
    second = campaigns.store.members(again.id)["citizen"]
    assert set(second).isdisjoint(chosen)
    assert again.counts["withheld"].get("contact-policy/recently-contacted", 0) >= len(chosen)


def test_whoever_objects_is_left_out(town: Workspace, asked: tuple[Campaigns, Caller]) -> None:
    campaigns, _ = asked
    first = campaigns.store.members(composed(town, asked, service="bijzondere-bijstand").id)
    citizen = int(first["citizen"][0])
    from serving.bootstrap import bootstrap

    bootstrap(town).object(citizen, purpose=PURPOSE, by=CASEWORKER)
    later = composed(town, asked, service="bijzondere-bijstand")
    assert citizen not in campaigns.store.members(later.id)["citizen"]


def test_an_export_holds_the_approached_alone_and_is_audited_by_person(
    town: Workspace, asked: tuple[Campaigns, Caller], tmp_path: Path
) -> None:
    from serving.bootstrap import bootstrap

    campaigns, by = asked
    campaign = composed(town, asked, service="stadspas", channel="letter")
    campaigns.draw(campaign.id, by=by)
    path = tmp_path / "export.csv"
    with pytest.raises(NotAllowedError):
        campaigns.export(campaign.id, path, by=CASEWORKER)
    count = campaigns.export(campaign.id, path, by=by)
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    members = campaigns.store.members(campaign.id)
    approached = {str(one) for one in members.filter(pl.col("arm") == APPROACH)["citizen"]}
    assert {row["citizen"] for row in rows} == approached
    assert len(rows) == count
    assert all(row["name"] for row in rows)
    assert path.stat().st_mode & 0o077 == 0
    looks = bootstrap(town).looks(int(rows[0]["citizen"]), purpose=PURPOSE, by=CASEWORKER)
    assert any(look.action == "export identity" and look.by == by.subject for look in looks)


def test_a_caseworker_composes_no_campaign(
    town: Workspace, asked: tuple[Campaigns, Caller]
) -> None:
    with pytest.raises(NotAllowedError):
        composed(town, (asked[0], CASEWORKER))


def test_what_the_catalogue_does_not_have_is_named(
    town: Workspace, asked: tuple[Campaigns, Caller]
) -> None:
    with pytest.raises(UnknownServiceError, match="gratis-geld"):
        composed(town, asked, service="gratis-geld")
    with pytest.raises(InvalidRequestError, match="pigeon"):
        composed(town, asked, channel="pigeon")


def test_recorded_campaigns_are_reported_from_the_lake(municipality: Municipality) -> None:
    found = recorded_results(municipality.workspace)
    together = [one for one in found if one["service"] == "*"]
    assert {one["channel"] for one in together} == {"letter", "home-visit"}
    assert all(one["approached"]["n"] > 20 and one["heldOut"]["n"] > 20 for one in together)
    assert all(one["mature"] for one in together)


def test_a_campaign_runs_over_the_api(town: Workspace) -> None:
    """Composed once however often it is sent, drawn, listed, and measured."""
    application = bootstrap(town)
    team = Caller("ola", "Ola", frozenset({Role.OUTREACH}))
    head = {"Authorization": f"Bearer {application.tokens.issue(team)}"}
    wanted = {"service": SERVICE, "channel": "letter", "capacity": 15, "holdout": 0.5, "seed": 3}
    with TestClient(app_of(application), headers=head) as client:
        key = {"Idempotency-Key": "once"}
        first = client.post("/v1/campaigns", json=wanted, headers=key)
        assert first.status_code == 201, first.text
        assert client.post("/v1/campaigns", json=wanted, headers=key).json() == first.json()
        made = first.json()["campaign"]
        assert (made["state"], made["capacity"]) == ("composed", 15)
        assert all(many >= 10 for many in made["withheld"].values())
        assert first.json()["orderedText"]
        path = f"/v1/campaigns/{made['id']}"
        early = client.get(f"{path}/effect")
        assert early.status_code == 409
        drawn = client.post(f"{path}/_draw").json()
        assert drawn["approached"] <= 15
        assert client.post(f"{path}/_draw").json()["campaign"] == drawn["campaign"]
        assert client.get(path).json()["state"] == "drawn"
        effect = client.get(f"{path}/effect", params={"language": "en"}).json()
        assert effect["approached"]["people"] == drawn["approached"]
        assert not effect["mature"]
        page = client.get("/v1/campaigns", params={"limit": 1}).json()
        assert page["items"][0]["id"] == made["id"]
        rest = client.get("/v1/campaigns", params={"cursor": page["next"]}).json()
        assert made["id"] not in {one["id"] for one in rest["items"]}
        assert client.get("/v1/insight/outreach").json()
        assert client.get(f"/v1/campaigns/{'0' * 8}-0000-0000-0000-{'0' * 12}").status_code == 404
        assert client.get("/v1/campaigns", params={"cursor": "x"}).status_code == 400
        unknown = client.post("/v1/campaigns", json=wanted | {"service": "nothing"})
        assert unknown.status_code == 404
