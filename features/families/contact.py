"""Contact with the government: how much, by which channel, and whether it got through."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from features.columns import Columns, Floats, nothing, snake
from features.families.base import Family, Signal
from features.families.meaning import meaning
from features.kernels.contacts import contacts_within
from features.pack import Pack
from features.past_events import event_table
from features.provenance import Sources, is_known, sources_of_event_type
from features.records import Records
from features.remembered import remembered

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
_THROUGH = {
    "en": "Share of contacts by “{title}” in the last {days} days that got through",
    "nl": "Aandeel van de contacten via “{title}” in de laatste {days} dagen dat tot stand kwam",
}
_BEST = {
    "en": "The channel by which most contacts of the last {days} days got through",
    "nl": "Het kanaal waarlangs de meeste contacten van de laatste {days} dagen tot stand kwamen",
}
_CHANGED = {
    "en": "The channel used most in the last {days} days is another than in as many days before",
    "nl": "Het meest gebruikte kanaal in de laatste {days} dagen is een ander dan in evenveel "
    "dagen daarvoor",
}


class Contact(Family):
    """``contact_total_<window>d``, ``contact_<channel>_365d``, ``contact_failed_share_365d``,
    ``contact_main_channel``; ``contact_through_<channel>_365d``, ``contact_best_channel`` and
    ``contact_main_channel_changed``. A tie of channels goes to the one that is declared first."""

    name = "contact"
    windows = (30, 90, 365)

    def signals(self, pack: Pack) -> tuple[Signal, ...]:
        """None when the pack has no event type with a contact role."""
        if not _types(pack):
            return ()
        return (
            *(
                self._signal(
                    pack, f"contact_total_{days}d", "times", meaning(pack, _TOTAL, days=days)
                )
                for days in self.windows_in(pack)
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
            self._code(pack, "contact_main_channel", _MAIN),
            *(
                self._signal(
                    pack,
                    f"contact_through_{snake(channel)}_{_DAYS}d",
                    "share",
                    meaning(pack, _THROUGH, title=declared.title, days=_DAYS),
                )
                for channel, declared in pack.domain.channels.items()
            ),
            self._code(pack, "contact_best_channel", _BEST),
            self._signal(
                pack, "contact_main_channel_changed", "yes/no", meaning(pack, _CHANGED, days=_DAYS)
            ),
        )

    def windows_in(self, pack: Pack) -> tuple[int, ...]:
        """Its own where the pack sets them, else those of the counts."""
        return pack.domain.windows_of(self.name) or pack.domain.windows.counts

    def compute(self, records: Records, pack: Pack) -> Columns:
        """Unknown for everyone when no source of contacts has delivered."""
        if not _types(pack):
            return {}
        columns = _columns(records, pack, self.windows_in(pack))
        if not is_known(_sources(pack), records.sources):
            columns = {name: nothing(len(records.citizens)) for name in columns}
        return columns

    def _signal(self, pack: Pack, name: str, unit: str, meant: dict[str, str]) -> Signal:
        return Signal(name, unit, meant, _concept(pack), self.name, _sources(pack))

    def _code(self, pack: Pack, name: str, sentence: dict[str, str]) -> Signal:
        """A place in the domain's channels."""
        meant = meaning(pack, sentence, days=_DAYS)
        return Signal(
            name, "code", meant, _concept(pack), self.name, _sources(pack), kind="category"
        )


def _types(pack: Pack) -> tuple[str, ...]:
    return pack.event_types_in("contact", "contact-failed")


def _concept(pack: Pack) -> str:
    return CONCEPT if CONCEPT in pack.domain.concepts else "other"


def _sources(pack: Pack) -> Sources:
    behind = sources_of_event_type(pack)
    return frozenset().union(*(behind[kind] for kind in _types(pack)))


def _columns(records: Records, pack: Pack, windows: tuple[int, ...]) -> dict[str, Floats]:
    n, channels = len(records.citizens), tuple(pack.domain.channels)
    events, size = event_table(records, pack), len(channels)
    found = contacts_within(
        events.row,
        events.kind,
        events.age,
        _outcomes(pack),
        events.places("channel", channels),
        np.array(windows),
        _DAYS,
        size,
        n,
    )
    rows = [len(windows), size, size, 1, 1, size]
    parts = np.split(found.reshape(sum(rows), n), np.cumsum(rows[:-1]))
    totals, used, through, (every,), (failed,), before = parts
    main, former = _most(used, n), _most(before, n)
    changed = np.where(np.isnan(main) | np.isnan(former), np.nan, main != former)
    named = [snake(channel) for channel in channels]
    return {
        **{f"contact_total_{days}d": of for days, of in zip(windows, totals, strict=True)},
        **{f"contact_{one}_{_DAYS}d": of for one, of in zip(named, used, strict=True)},
        f"contact_failed_share_{_DAYS}d": _share(failed, every),
        "contact_main_channel": main,
        **{
            f"contact_through_{one}_{_DAYS}d": of
            for one, of in zip(named, _share(through, used), strict=True)
        },
        "contact_best_channel": _most(through, n),
        "contact_main_channel_changed": changed,
    }


@remembered(8)
def _outcomes(pack: Pack) -> NDArray[np.int64]:
    """Of each kind of event whether it is a contact that got through (1), one that did not (0), or
    none (-1); none for what has no kind."""
    got = {"contact": 1, "contact-failed": 0}
    roles = (kind.role for kind in pack.domain.event_types.values())
    return np.array([*(got.get(role or "", -1) for role in roles), -1], dtype=np.int64)


def _share(part: Floats, every: Floats) -> Floats:
    """NaN of nothing."""
    share: Floats = np.full(every.shape, np.nan)
    return np.divide(part, every, out=share, where=every > 0)


def _most(by_channel: Floats, n: int) -> Floats:
    """The place of the channel with most; the first declared of equals; NaN without any."""
    if not len(by_channel):
        return nothing(n)
    return np.where(by_channel.max(axis=0) > 0, by_channel.argmax(axis=0), np.nan)
