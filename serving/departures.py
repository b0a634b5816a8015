"""That a citizen has gone, said with the day and the source."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from features.pack import Pack
from models.choosing import Choice
from serving.answers import Departure
from serving.phrases import day_text, phrase


def departure_of(choice: Choice, pack: Pack, language: str) -> Departure | None:
    """By what and when the citizen has gone; None for who has not."""
    gone = choice.departure
    if gone is None:
        return None
    day = _day(gone["occurred_at"], pack)
    said = day_text(day, language, today=_day(choice.as_of, pack))
    event = pack.say(pack.domain.event_types[gone["type"]].title, language)
    return Departure(
        text=phrase("departed", language, event=event, day=said),
        day=day,
        source_title=pack.say(pack.domain.sources[gone["source"]].title, language),
        known=_day(gone["known_at"], pack),
    )


def _day(moment: datetime, pack: Pack) -> date:
    return moment.astimezone(ZoneInfo(pack.domain.time_zone)).date()
