"""Campaigns, as outreach teams ask for them: compose, draw, export, report."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import polars as pl

from features.catalogue import Objective, Service
from features.lake import Lake
from features.pack import Pack
from features.revisions import everyone_standing
from models.bundle import Bundle
from models.population import ScoredBucket, score_service
from monitoring.fairness import groups
from monitoring.protected import audited_facts
from serving.audit import Audit
from serving.campaigns.composing import compose
from serving.campaigns.contact import refinement
from serving.campaigns.drawing import APPROACH, HOLDOUT, draw, pool_size
from serving.campaigns.effect import Effect, effect
from serving.campaigns.export import write_csv
from serving.campaigns.outreach import check_source, event_type, outreach_events
from serving.campaigns.reach import Reach, reach
from serving.campaigns.store import COMPOSED, Campaign, CampaignStore
from serving.campaigns.targeting import By, Targeting, targeting
from serving.campaigns.trials import trials
from serving.database import Database
from serving.errors import ConflictError, InvalidRequestError, UnknownServiceError
from serving.identities import Vault
from serving.security import Caller, Role


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an outreach team asks for.

    Parameters
    ----------
    capacity
        How many people can be approached.
    holdout
        The share of the pool that chance keeps from being approached.
    rest_days
        For how long after an approach nobody is approached again.
    seed
        Of the draw; a fresh one when not given.
    by
        What the pool is ordered by; the service's own objective when not given.
    otherwise
        What it is ordered by when uplift was asked for and cannot be told.
    """

    service: str
    channel: str
    capacity: int
    holdout: float
    rest_days: int
    seed: int | None = None
    by: By | None = None
    otherwise: By = "need"


@dataclass(frozen=True)
class Composed:
    """A composed campaign, whom it would reach and miss, and by what its pool is ordered."""

    campaign: Campaign
    reach: Reach
    targeting: Targeting


@dataclass(frozen=True)
class Campaigns:
    """What outreach teams can ask. Every method says who asks."""

    pack: Pack
    lake: Lake
    database: Database
    audit: Audit
    vault: Vault

    @property
    def store(self) -> CampaignStore:
        """The campaigns in the database."""
        return CampaignStore(self.database)

    def compose(
        self,
        wanted: Wanted,
        bundle: Bundle,
        *,
        as_of: datetime,
        by: Caller,
        progress: Callable[[int], None] = lambda buckets: None,
    ) -> Composed:
        """A composed campaign, with whom it would reach and miss."""
        by.require(Role.OUTREACH)
        self._check(wanted)
        refine = refinement(self.database, self.lake, self.pack, as_of, rest_days=wanted.rest_days)
        watched = Watch(self.lake, self.pack, progress)
        scored = score_service(self.lake, self.pack, bundle, wanted.service, as_of, refine=refine)
        seed = secrets.randbelow(2**31) if wanted.seed is None else wanted.seed
        chosen = self._targeting(wanted, bundle, as_of, seed)
        composition = compose(map(watched, scored), wanted.service, chosen.order)
        size = pool_size(wanted.capacity, wanted.holdout)
        campaign = self._record(
            wanted, bundle, composition.counts() | {"targeting": chosen.as_dict()}, seed, as_of, by
        )
        pool = composition.ranked.head(size).with_columns(
            place=pl.int_range(1, pl.len() + 1, dtype=pl.Int64)
        )
        self.store.add(campaign, pool)
        self.audit.record("compose campaign", by=by, purpose=self._service(wanted.service).purpose)
        found = reach(composition.ranked, size, watched.groups(), self.pack)
        return Composed(campaign, found, chosen)

    def draw(self, campaign: UUID, *, by: Caller) -> Campaign:
        """Chance decides who is approached; the approach is recorded as outreach events.

        Drawing again changes nothing.
        """
        by.require(Role.OUTREACH)
        found = self.store.get(campaign)
        if found.state == COMPOSED:
            arms = draw(
                self.store.members(campaign).select("citizen", "need"),
                capacity=found.capacity,
                holdout=found.holdout,
                seed=found.seed,
            )
            self.store.mark_drawn(campaign, arms, datetime.now(UTC))
            self.audit.record("draw campaign", by=by, purpose=self._service(found.service).purpose)
        found = self.store.get(campaign)
        if found.drawn_at is not None:
            self._land(found, found.drawn_at)
        return found

    def export(self, campaign: UUID, path: Path, *, by: Caller) -> int:
        """Write the addresses of the approached to ``path`` (CSV, only its owner may read it).

        Each person's read is audited; who is held out never leaves. Returns how many.
        """
        by.require(Role.OUTREACH)
        found = self.store.get(campaign)
        if found.state == COMPOSED:
            raise ConflictError("draw the campaign first: until then nobody is chosen")
        members = self.store.members(campaign).filter(pl.col("arm") == APPROACH)
        count = write_csv(
            path, found, members, self.vault, by=by, purpose=self._service(found.service).purpose
        )
        self.store.mark_exported(campaign, datetime.now(UTC))
        return count

    def report(self, campaign: UUID, *, now: datetime, by: Caller) -> Effect:
        """What the campaign caused, as far as it is known at ``now``."""
        by.require(Role.OUTREACH, Role.DATA_SCIENTIST, Role.AUDITOR)
        found = self.store.get(campaign)
        if found.drawn_at is None:
            raise ConflictError("draw the campaign first: nobody was approached yet")
        members = self.store.drawn_members(found)
        events = (
            everyone_standing(self.lake, "events", now)
            .filter(pl.col("citizen").is_in(members["citizen"].implode()))
            .collect()
        )
        return effect(
            members, events, self.pack, service=found.service, channel=found.channel, now=now
        )

    def counts(self, campaign: UUID) -> dict[str, int]:
        """How many stand in each arm."""
        arms = self.store.members(campaign)["arm"]
        return {arm: int((arms == arm).sum()) for arm in (APPROACH, HOLDOUT)}

    def _land(self, campaign: Campaign, at: datetime) -> None:
        """The approach as events, once: the transaction bears the campaign's name."""
        chosen = self.store.members(campaign.id).filter(pl.col("arm") == APPROACH)["citizen"]
        events = outreach_events(
            self.pack,
            chosen,
            campaign=str(campaign.id),
            service=campaign.service,
            channel=campaign.channel,
            at=at,
        )
        self.lake.append("events", events, (f"campaign/{campaign.id}", 1))

    def _check(self, wanted: Wanted) -> None:
        self._service(wanted.service)
        if wanted.channel not in self.pack.domain.channels:
            raise InvalidRequestError(
                f"the domain has no channel {wanted.channel}; "
                f"it has {', '.join(self.pack.domain.channels)}"
            )
        pool_size(wanted.capacity, wanted.holdout)
        check_source(self.pack)
        event_type(self.pack, wanted.channel)

    def _targeting(self, wanted: Wanted, bundle: Bundle, as_of: datetime, seed: int) -> Targeting:
        service = self._service(wanted.service)
        own: By = "uplift" if service.objective is Objective.UPLIFT else "need"
        asked = wanted.by or own
        found = None
        if asked == "uplift":
            found = trials(
                self.lake, self.pack, self.database, wanted.service, bundle.columns, as_of
            )
        return targeting(
            asked,
            found,
            wanted.channel,
            otherwise=wanted.otherwise,
            seed=seed,
            cost=self.pack.domain.channels[wanted.channel].cost,
        )

    def _service(self, name: str) -> Service:
        service = self.pack.services.get(name)
        if service is None:
            raise UnknownServiceError(f"the catalogue has no service {name}")
        return service

    def _record(
        self,
        wanted: Wanted,
        bundle: Bundle,
        counts: dict[str, object],
        seed: int,
        as_of: datetime,
        by: Caller,
    ) -> Campaign:
        return Campaign(
            id=uuid4(),
            service=wanted.service,
            channel=wanted.channel,
            capacity=wanted.capacity,
            holdout=wanted.holdout,
            seed=seed,
            state=COMPOSED,
            as_of=as_of,
            model_version=bundle.version,
            lake=self.lake.checksum(),
            counts=counts,
            by=by.subject,
            composed_at=datetime.now(UTC),
        )


class Watch:
    """Lets buckets pass, and keeps the fairness groups of their citizens on the way."""

    def __init__(self, lake: Lake, pack: Pack, progress: Callable[[int], None]) -> None:
        self._lake = lake
        self._pack = pack
        self._progress = progress
        self._seen: list[pl.DataFrame] = []

    def __call__(self, bucket: ScoredBucket) -> ScoredBucket:
        """``bucket``, unchanged."""
        snapshot = bucket.snapshot
        audited = audited_facts(self._lake, self._pack, snapshot.records.citizens, snapshot.as_of)
        self._seen.append(groups(audited, snapshot.facts, self._pack))
        self._progress(len(self._seen))
        return bucket

    def groups(self) -> pl.DataFrame:
        """citizen and its group in every grouping."""
        empty = {"citizen": pl.Int64, **dict.fromkeys(self._pack.domain.fairness, pl.String)}
        return pl.concat([pl.DataFrame(schema=empty), *self._seen])
