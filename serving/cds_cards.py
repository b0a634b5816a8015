"""A card in the shape of CDS Hooks 2.0. What is not there is left out: no nulls, no empty lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal
from uuid import NAMESPACE_URL, UUID, uuid5

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from serving.answers import Representative
from serving.cards import Card, Reason
from serving.phrases import phrase

EXTENSION = "voorzet"
"""Under this name our own data travel."""
REASONS = "urn:voorzet:override-reasons"
"""The system of the coded reasons."""
_SIGNS = {"met": "✓", "up": "↑", "down": "↓"}


class Camel(BaseModel):
    """A record with the standard's own spelling on the wire."""

    model_config = ConfigDict(
        extra="ignore", frozen=True, alias_generator=to_camel, populate_by_name=True
    )


class Coding(Camel):
    """A code of a system."""

    code: str = Field(max_length=63)
    system: str | None = Field(default=None, max_length=255)
    display: str | None = Field(default=None, max_length=500)


class Source(Camel):
    """Who says so, and about what."""

    label: str
    topic: Coding


class CdsSuggestion(Camel):
    """Something that can be done with one press."""

    label: str
    uuid: UUID
    is_recommended: bool


class Link(Camel):
    """Where there is more."""

    label: str
    url: str
    type: Literal["absolute"] = "absolute"


class CdsCard(Camel):
    """A card as a case system shows it."""

    uuid: UUID
    summary: str = Field(max_length=139)
    detail: str
    indicator: Literal["info", "warning"]
    source: Source
    suggestions: list[CdsSuggestion]
    selection_behavior: Literal["at-most-one"] = "at-most-one"
    override_reasons: list[Coding] | None = None
    links: list[Link]
    extension: dict[str, dict[str, Any]]


def cds_card(
    card: Card, source: str, address: str, speak_for: Sequence[Representative] = ()
) -> CdsCard:
    """One of our cards.

    Parameters
    ----------
    source
        The organisation that makes the suggestion.
    address
        Where Voorzet's own pages are.
    speak_for
        Who speaks or decides for the citizen. Each card says so, for a card is read by itself.
    """
    reasons = [
        Coding(code=one.code, system=REASONS, display=one.text) for one in card.override_reasons
    ]
    return CdsCard(
        uuid=card.id,
        summary=card.headline,
        detail=detail(card, speak_for),
        indicator="warning" if card.group == "now" else "info",
        source=Source(
            label=source,
            topic=Coding(code=card.service, system="urn:voorzet:services", display=card.title),
        ),
        suggestions=[
            CdsSuggestion(
                label=card.next.text,
                uuid=uuid5(NAMESPACE_URL, f"urn:uuid:{card.id}/accept"),
                is_recommended=False,
            )
        ],
        override_reasons=reasons or None,
        links=[Link(label="Voorzet", url=f"{address}/")],
        extension={EXTENSION: _own(card, speak_for)},
    )


def _own(card: Card, speak_for: Sequence[Representative]) -> dict[str, Any]:
    """The whole of our own card and who speaks for the citizen, without what is empty."""
    told = card.model_dump(mode="json", by_alias=True, exclude_none=True)
    told["representatives"] = [
        one.model_dump(mode="json", by_alias=True, exclude_none=True) for one in speak_for
    ]
    return {name: value for name, value in told.items() if value not in ([], "")}


def detail(card: Card, speak_for: Sequence[Representative] = ()) -> str:
    """Whom to speak with, the reasons, the questions and the next step, as Markdown."""
    language = card.language
    parts = [
        _plain(card.why_now),
        *map(_speaks, speak_for),
        *(_reason(one, language) for one in card.reasons),
    ]
    parts += [f"- ? {_plain(one.text)}" for one in card.ask]
    told = "\n".join(parts)
    after = [card.sure.text, card.unaided.text if card.unaided else None]
    return "\n\n".join([told, *(_plain(one) for one in after if one)])


def _speaks(one: Representative) -> str:
    who = [text for text in (one.name, one.phone) if text]
    named = f"{one.title} ({', '.join(who)})" if who else one.title
    return f"- ! {_plain(f'{named}. {one.speak_with} {one.decides}')}"


def _reason(reason: Reason, language: str) -> str:
    sign = "◆" if reason.kind == "life-event" else _SIGNS[reason.sign]
    text = f"- {sign} {_plain(reason.text)}"
    where = [one for one in (reason.source_title, reason.since and reason.since.isoformat()) if one]
    known = [phrase("known-later", language, day=reason.known.isoformat())] if reason.known else []
    return f"{text} ({', '.join([*where, *known])})" if where or known else text


def _plain(text: str) -> str:
    """Text in which nothing is read as Markdown."""
    return "".join(f"\\{sign}" if sign in "\\`*_[]<>#" else sign for sign in text)
