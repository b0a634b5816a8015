"""Who speaks or decides for a citizen, as their page tells it: no more of them than that needs.

Of a representative a name and a phone number are told, and neither address nor number; of whose
address is protected the name alone. The view's purpose must be one for which a caseworker needs to
know, and one that the source of the relation allows. Reading the name is audited as a look at the
representative.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from features.pack import Pack
from features.records import Records
from features.relatives import held_relations
from serving.answers import Representative
from serving.identities import Identity, Vault
from serving.security import Caller


@dataclass(frozen=True)
class Representatives:
    """Tells who speaks for a citizen."""

    pack: Pack
    vault: Vault

    def of(
        self, records: Records, *, language: str, purpose: str, by: Caller
    ) -> tuple[Representative, ...]:
        """Whoever speaks for the one citizen of ``records`` now, in the order of the pack."""
        held = [
            row
            for kind, one in self.pack.domain.representatives.items()
            if purpose in one.purposes
            for row in held_relations(records, kind).iter_rows(named=True)
            if purpose in self.pack.domain.sources[row["source"]].purposes
        ]
        known = sorted({row["relative"] for row in held if row["relative"] is not None})
        who = self.vault.read(known, purpose=purpose, by=by) if known else {}
        return tuple(self._told(row, who.get(row["relative"]), language) for row in held)

    def _told(self, row: dict[str, Any], who: Identity | None, language: str) -> Representative:
        kind = self.pack.domain.representatives[row["kind"]]
        source = self.pack.domain.sources[row["source"]]
        return Representative(
            kind=row["kind"],
            title=self.pack.say(kind.title, language),
            name=who.name if who else None,
            phone=who.phone if who and not who.protected_address else None,
            since=self._day(row["valid_from"]),
            until=None if row["valid_to"] is None else self._day(row["valid_to"]),
            speak_with=self.pack.say(kind.speak_with, language),
            decides=self.pack.say(kind.decides, language),
            source_title=self.pack.say(source.title, language),
        )

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(ZoneInfo(self.pack.domain.time_zone)).date()
