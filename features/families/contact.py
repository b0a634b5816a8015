"""Contact with the government: how much, by which channel, and whether it got through."""

from __future__ import annotations

import numpy as np

from features.columns import Columns, Floats, nothing, snake, tally
from features.families.base import Family, Signal
from features.families.meaning import meaning
from features.pack import Pack
from features.past_events import PastEvents, past_events
from features.provenance import Sources, is_known, sources_of_event_type
from features.records import Records

CONCEPT = "contact"
"""The concept of these signals, where the domain has it."""

_DAYS = 365
_TOTAL = {
    "en": "Contacts in the last {days} days, over all channels",
    "nl": "Contacten in de laatste {days} dagen, over alle kanalen",
}
_CHANNEL = {
    "en": "Contacts by “{title}” in the last {days} days",
    "nl": "Contacten via “{title}” in de laatste {days} dagen",
}
_FAILED = {
    "en": "Share of contacts in the last {days} days that did not get through",
    "nl": "Aandeel van de contacten in de laatste {days} dagen dat niet tot stand kwam",
}
_MAIN = {
    "en": "The channel used most in the last {days} days",
    "nl": "Het meest gebruikte kanaal in de laatste {days} dagen",
}


class Contact(Family):
    """``contact_total_<window>d``, ``contact_<channel>_365d``, ``contact_failed_share_365d`` and
    ``contact_main_channel``."""

    name = "contact"

    def signals(self, pack: Pack) -> tuple[Signal, ...]:
        """None when the pack has no event type with a contact role."""
        if not _types(pack):
            return ()
        return (
            *(
                self._signal(
                    pack, f"contact_total_{days}d", "times", meaning(pack, _TOTAL, days=days)
                )
                for days in pack.domain.windows.counts
            ),
            *(
                self._signal(
                    pack,
                    f"contact_{snake(channel)}_{_DAYS}d",
                    "times",
                    meaning(pack, _CHANNEL, title=declared.title, days=_DAYS),
                )
                for channel, declared in pack.domain.channels.items()
            ),
            self._signal(
                pack, f"contact_failed_share_{_DAYS}d", "share", meaning(pack, _FAILED, days=_DAYS)
            ),
            Signal(
                "contact_main_channel",
                "code",
                meaning(pack, _MAIN, days=_DAYS),
                _concept(pack),
                self.name,
                _sources(pack),
                kind="category",
            ),
        )

    def compute(self, records: Records, pack: Pack) -> Columns:
        """Unknown for everyone when no source of contacts has delivered."""
        if not _types(pack):
            return {}
        columns = _columns(records, pack)
        if not is_known(_sources(pack), records.sources):
            columns = {name: nothing(len(records.citizens)) for name in columns}
        return columns

    def _signal(self, pack: Pack, name: str, unit: str, meant: dict[str, str]) -> Signal:
        return Signal(name, unit, meant, _concept(pack), self.name, _sources(pack))


def _types(pack: Pack) -> tuple[str, ...]:
    return pack.event_types_in("contact", "contact-failed")


def _concept(pack: Pack) -> str:
    return CONCEPT if CONCEPT in pack.domain.concepts else "other"


def _sources(pack: Pack) -> Sources:
    behind = sources_of_event_type(pack)
    return frozenset().union(*(behind[kind] for kind in _types(pack)))


def _columns(records: Records, pack: Pack) -> dict[str, Floats]:
    n = len(records.citizens)
    contacts = past_events(records, pack, _types(pack))
    columns = {
        f"contact_total_{days}d": tally(contacts.row[contacts.age < days], n)
        for days in pack.domain.windows.counts
    }
    recent = contacts.where(contacts.age < _DAYS)
    by_channel = _by_channel(recent, pack, n)
    for channel, counted in zip(pack.domain.channels, by_channel, strict=True):
        columns[f"contact_{snake(channel)}_{_DAYS}d"] = counted
    columns[f"contact_failed_share_{_DAYS}d"] = _failed_share(recent, pack, n)
    columns["contact_main_channel"] = _main_channel(by_channel, n)
    return columns


def _by_channel(contacts: PastEvents, pack: Pack, n: int) -> Floats:
    channels = list(pack.domain.channels)
    used = contacts.places("channel", channels)
    told = used >= 0
    cell = used[told] * n + contacts.row[told]
    return tally(cell, len(channels) * n).reshape(len(channels), n)


def _failed_share(contacts: PastEvents, pack: Pack, n: int) -> Floats:
    failed_types = pack.event_types_in("contact-failed")
    failing = np.array([kind in failed_types for kind in _types(pack)])
    failed = tally(contacts.row[failing[contacts.kind]], n)
    every = tally(contacts.row, n)
    return np.divide(failed, every, out=nothing(n), where=every > 0)


def _main_channel(by_channel: Floats, n: int) -> Floats:
    """The place of the channel used most; the first declared of equals; NaN without contact."""
    if not len(by_channel):
        return nothing(n)
    return np.where(by_channel.max(axis=0) > 0, by_channel.argmax(axis=0), np.nan)
