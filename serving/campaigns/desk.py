"""Campaigns over the API: composed from the records and the model as they stand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from features.pack import Pack
from serving.audit import Audit
from serving.campaigns.campaigns import Campaigns, Wanted
from serving.campaigns.effect import Effect
from serving.campaigns.recorded import EVERYTHING, recorded_effects
from serving.campaigns.records import CampaignView, ComposedCampaign, DrawnCampaign, EffectView
from serving.catalogue import CatalogueView
from serving.database import Database
from serving.errors import NotReadyError
from serving.identities import Vault
from serving.security import Caller, Role
from serving.standpoint import Champions, LakeView

MAY_READ = (Role.OUTREACH, Role.DATA_SCIENTIST, Role.AUDITOR)


@dataclass(frozen=True)
class CampaignDesk:
    """What outreach teams can ask.

    Parameters
    ----------
    rest_days
        For how long after an approach nobody is approached again.
    """

    pack: Pack
    lakes: LakeView
    champions: Champions
    database: Database
    audit: Audit
    vault: Vault
    catalogue: CatalogueView
    rest_days: int
    now: Callable[[], datetime]

    @property
    def may_read(self) -> tuple[Role, ...]:
        """Who may see campaigns and what they caused."""
        return MAY_READ

    def compose(self, wanted: Wanted, *, language: str, by: Caller) -> ComposedCampaign:
        """Choose whom to approach; see whom that reaches and misses."""
        by.require(Role.OUTREACH)
        self.catalogue.speaks(language)
        bundle = self.champions.current().bundle
        composed = self._campaigns().compose(wanted, bundle, as_of=self.now(), by=by)
        return ComposedCampaign.of(composed, language)

    def draw(self, campaign: UUID, *, by: Caller) -> DrawnCampaign:
        """Let chance decide who is approached; doing it again changes nothing."""
        asked = self._campaigns()
        drawn = asked.draw(campaign, by=by)
        counts = asked.counts(campaign)
        return DrawnCampaign(
            campaign=CampaignView.of(drawn),
            approached=counts["approach"],
            held_out=counts["holdout"],
        )

    def every(self, *, by: Caller) -> tuple[CampaignView, ...]:
        """All campaigns, newest first."""
        by.require(*MAY_READ)
        return tuple(CampaignView.of(one) for one in self._campaigns().store.all())

    def one(self, campaign: UUID, *, by: Caller) -> CampaignView:
        """One campaign; raises UnknownCampaignError."""
        by.require(*MAY_READ)
        return CampaignView.of(self._campaigns().store.get(campaign))

    def effect(self, campaign: UUID, *, language: str, by: Caller) -> EffectView:
        """What a campaign caused, as far as it is known now."""
        self.catalogue.speaks(language)
        found = self._campaigns().report(campaign, now=self.now(), by=by)
        return self._told(found, language)

    def recorded(self, *, language: str, by: Caller) -> tuple[EffectView, ...]:
        """What campaigns caused that a source drew by lot, by channel and service."""
        by.require(*MAY_READ)
        self.catalogue.speaks(language)
        try:
            found = recorded_effects(self.lakes.current(), self.pack, self.now())
        except NotReadyError:  # there were none
            return ()
        return tuple(self._told(one, language) for one in found)

    def _told(self, effect: Effect, language: str) -> EffectView:
        channel = self.pack.domain.channels.get(effect.channel)
        by = self.pack.say(channel.title, language) if channel else effect.channel
        service = None if effect.service == EVERYTHING else self.pack.services[effect.service]
        title = f"{by}, {self.pack.say(service.title, language)}" if service else by
        return EffectView.of(effect, effect.sentence(title[:1].upper() + title[1:], language))

    def _campaigns(self) -> Campaigns:
        return Campaigns(self.pack, self.lakes.current(), self.database, self.audit, self.vault)
