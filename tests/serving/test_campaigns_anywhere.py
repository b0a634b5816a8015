"""A campaign in each kind of database: composed, drawn, exported and measured."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import polars as pl
import pytest

from features.events import EVENTS
from features.lake import Lake
from monitoring.intervals import newcombe, wilson
from serving.campaigns.campaigns import Campaigns, Wanted
from serving.campaigns.drawing import APPROACH, HOLDOUT
from serving.campaigns.effect import Arm, Effect
from serving.campaigns.records import EffectView
from serving.campaigns.store import Campaign, CampaignStore
from serving.database import Database
from serving.errors import ConflictError, NotAllowedError
from tests.serving.office import KIM, NOW, OLA, PACK, PURPOSE, Office

WANTED = Wanted("top-up", "letter", 12, 0.5, 90, 5)
OUTREACH = {
    "sources:\n": "  outreach: {title: {nl: Benadering, en: Outreach}, legal_basis: law, "
    "purposes: [support], retention_days: 3650}\n",
    "event_types:\n": "  letter-sent: {title: {nl: Brief gestuurd, en: Letter sent}, "
    "role: outreach, concept: contact}\n",
    "channels:\n": "  letter: {title: {nl: Brief, en: Letter}, cost: 2}\n",
}
"""What the office's pack needs to write to people."""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, address: str) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("writing-office")
    pack = Path(shutil.copytree(PACK, folder / "pack"))
    domain = (pack / "domain.yaml").read_text(encoding="utf-8")
    for heading, more in OUTREACH.items():
        domain = domain.replace(heading, heading + more, 1)
    (pack / "domain.yaml").write_text(domain, encoding="utf-8")
    made = Office(folder, database=address, pack=pack)
    yield made
    made.application.database.close()


def lake_of(office: Office) -> Lake:
    return office.workspace.open_lake()


@pytest.fixture
def campaigns(office: Office) -> Campaigns:
    app = office.application
    return Campaigns(office.pack, lake_of(office), app.database, app.audit, app.vault)


@pytest.fixture(scope="module")
def drawn(office: Office) -> Campaign:
    app = office.application
    asked = Campaigns(office.pack, lake_of(office), app.database, app.audit, app.vault)
    composed = asked.compose(WANTED, office.bundle, as_of=NOW, by=OLA).campaign
    return asked.draw(composed.id, by=OLA)


def arms(campaigns: Campaigns, campaign: Campaign) -> dict[str, list[int]]:
    members = campaigns.store.members(campaign.id)
    return {
        arm: members.filter(pl.col("arm") == arm)["citizen"].to_list()
        for arm in (APPROACH, HOLDOUT)
    }


def test_the_tests_really_use_the_database_they_name(office: Office, address: str) -> None:
    with office.application.database.read() as connection:
        assert connection.dialect.name == address.partition(":")[0].partition("+")[0]


def test_a_composed_campaign_is_read_back_as_it_was_stored(
    office: Office, campaigns: Campaigns
) -> None:
    composed = campaigns.compose(WANTED, office.bundle, as_of=NOW, by=OLA).campaign
    assert campaigns.store.get(composed.id) == composed
    assert composed in campaigns.store.all()
    pool = campaigns.store.members(composed.id)
    assert pool["place"].to_list() == list(range(1, pool.height + 1))
    assert pool["need"].is_sorted(descending=True)
    assert pool["arm"].null_count() == pool.height > 12
    again = campaigns.compose(WANTED, office.bundle, as_of=NOW, by=OLA).campaign
    assert campaigns.store.members(again.id)["citizen"].equals(pool["citizen"])


def test_chance_draws_once_and_the_approach_is_in_the_lake_once(
    office: Office, campaigns: Campaigns, drawn: Campaign
) -> None:
    chosen = arms(campaigns, drawn)
    assert len(chosen[APPROACH]) == len(chosen[HOLDOUT]) == 12
    assert campaigns.draw(drawn.id, by=OLA) == drawn
    assert arms(campaigns, drawn) == chosen
    sent = lake_of(office).scan("events").filter(pl.col("type") == "letter-sent").collect()
    assert sorted(sent["citizen"]) == sorted(chosen[APPROACH])


def test_whoever_was_written_to_is_left_alone(
    office: Office, campaigns: Campaigns, drawn: Campaign
) -> None:
    assert drawn.drawn_at is not None
    later = campaigns.compose(
        replace(WANTED, capacity=100),
        office.bundle,
        as_of=drawn.drawn_at + timedelta(days=1),
        by=OLA,
    ).campaign
    members = campaigns.store.members(later.id)["citizen"]
    assert set(members).isdisjoint(arms(campaigns, drawn)[APPROACH])


def test_the_export_holds_the_approached_alone_and_says_so_in_the_audit(
    office: Office, campaigns: Campaigns, drawn: Campaign, tmp_path: Path
) -> None:
    path = tmp_path / "letters.csv"
    with pytest.raises(NotAllowedError):
        campaigns.export(drawn.id, path, by=KIM)
    undrawn = campaigns.compose(WANTED, office.bundle, as_of=NOW, by=OLA).campaign
    with pytest.raises(ConflictError):
        campaigns.export(undrawn.id, path, by=OLA)
    count = campaigns.export(drawn.id, path, by=OLA)
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {int(row["citizen"]) for row in rows} == set(arms(campaigns, drawn)[APPROACH])
    assert count == len(rows)
    assert all(row["name"] for row in rows)
    assert campaigns.store.get(drawn.id).exported_at is not None
    looks = office.application.looks(int(rows[0]["citizen"]), purpose=PURPOSE, by=KIM)
    assert ("export identity", OLA.subject) in {(look.action, look.by) for look in looks}


def test_what_followed_is_counted_by_arm(
    office: Office, campaigns: Campaigns, drawn: Campaign
) -> None:
    """Nine of the approached and two of the others are granted it within the horizon."""
    assert drawn.drawn_at is not None
    chosen = arms(campaigns, drawn)
    granted = [*chosen[APPROACH][:9], *chosen[HOLDOUT][:2]]
    at = drawn.drawn_at + timedelta(days=30)
    told = pl.DataFrame({"citizen": granted}).with_columns(
        event_id=pl.format("granted-{}", "citizen"),
        type=pl.lit("granted"),
        occurred_at=pl.lit(at, EVENTS["occurred_at"]),
        known_at=pl.lit(at, EVENTS["known_at"]),
        source=pl.lit("desk"),
        case_type=pl.lit("top-up"),
        order=pl.int_range(pl.len(), dtype=pl.Int64),
    )
    rows = pl.concat([EVENTS.to_frame(), told], how="diagonal").select(EVENTS.names())
    lake_of(office).append("events", rows, (f"test/{uuid4()}", 1))
    measured = Campaigns(
        office.pack, lake_of(office), campaigns.database, campaigns.audit, campaigns.vault
    )
    found = measured.report(drawn.id, now=drawn.drawn_at + timedelta(days=700), by=OLA)
    assert found.mature
    assert (found.approached.hits, found.approached.n) == (9, 12)
    assert (found.held_out.hits, found.held_out.n) == (2, 12)
    assert found.difference.value == pytest.approx(7 / 12)
    dutch = found.sentence("Brief", "nl")
    assert "van 12 benaderde mensen kreeg 75% het" in dutch
    assert "een verschil van +58,3 procentpunt" in dutch
    assert found.sentence("Letter", "en").count("+58.3") == 1


@pytest.mark.slow("writes 70,000 members")
def test_a_campaign_may_be_larger_than_one_question_to_the_database(
    address: str, drawn: Campaign
) -> None:
    database = Database(address)
    store = CampaignStore(database)
    large = replace(
        drawn, id=uuid4(), state="composed", capacity=70_000, drawn_at=None, exported_at=None
    )
    pool = pl.DataFrame({"citizen": range(70_000)}).with_columns(
        need=pl.lit(0.5), place=pl.int_range(1, 70_001)
    )
    store.add(large, pool)
    arm = pl.when(pl.col("citizen") < 69_000).then(pl.lit(APPROACH)).otherwise(pl.lit(HOLDOUT))
    assert store.mark_drawn(large.id, pool.select("citizen", arm=arm), NOW)
    assert not store.mark_drawn(large.id, pool.select("citizen", arm=arm), NOW)
    assert (store.members(large.id)["arm"] == APPROACH).sum() == 69_000
    database.close()


@pytest.mark.parametrize(
    ("n", "hits", "told"),
    [(30, 12, True), (30, 0, True), (9, 0, False), (30, 3, False), (30, 25, False)],
)
def test_an_arm_in_which_a_few_can_be_counted_is_not_told(n: int, hits: int, told: bool) -> None:
    arms = Arm(n, hits, wilson(hits, n)), Arm(40, 20, wilson(20, 40))
    effect = Effect("top-up", "letter", *arms, newcombe(*(12, 30), *(20, 40)), 180, mature=True)
    view = EffectView.of(effect, "a sentence")
    assert (view.approached.took_up is not None) == told
    assert (view.held_out.rate is not None) == (view.difference is not None) == told
    assert bool(view.sentence) == told
