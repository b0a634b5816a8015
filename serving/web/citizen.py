"""The citizen's view: who this is, what may fit now, and what happened."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import groupby
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from serving.answers import Person, PurposeView, Suggestions, Timeline, WhyNot
from serving.approach import REASONS
from serving.cards import Card
from serving.errors import NotReadyError
from serving.web.dates import months_later
from serving.web.periods import Filter, by_year, in_period, lines
from serving.web.rendering import Pages
from serving.web.visitors import View, Visitor, pages_of, visitor

router = APIRouter()
SignedIn = Annotated[Visitor, Depends(visitor)]
FAULTS = ("until", "reason", "decision", "answer", "approach")
GROUPS = ("now", "soon", "later")
GATES = (
    "ranked-lower",
    "under-way",
    "deferred",
    "refusal-remembered",
    "unsuitable-now",
    "contact-policy",
    "not-eligible",
    "excluded",
    "already-has",
    "objection",
    "purpose",
    "held-out",
)
"""The order in which *why not* tells: what can still be done first."""


@router.get("/view/{handle}")
def view_page(
    request: Request,
    who: SignedIn,
    handle: str,
    source: str | None = None,
    since: int | None = None,
    done: UUID | None = None,
    told: UUID | None = None,
    fault: str | None = None,
    about: str | None = None,
) -> Response:
    """Suggestions and timeline side by side. ``done`` is a decision just taken, ``told`` an answer
    just kept."""
    pages, view = pages_of(request), who.open_view(handle)
    context = head(pages, who, view, handle) | _timeline(pages, who, view, source, since)
    suggested = _suggestions(pages, who, view, context["person"].name)
    decided = suggested.decisions if suggested else ()
    casework = pages.application.casework
    answers = casework.told_of(
        view.citizen, language=who.language, purpose=view.purpose, by=who.caller
    )
    approaches = casework.approaches_of(view.citizen, language=who.language, by=who.caller)
    return pages.render(
        request,
        "citizen.html",
        visitor=who,
        **context,
        suggestions=suggested,
        groups=_grouped(suggested.cards) if suggested else (),
        earlier={one.service: one for one in reversed(decided)},
        done=next((one for one in decided if one.id == done), None),
        answers=answers,
        told=next((one for one in answers if one.id == told), None),
        takes_answers=casework.told.takes(view.purpose),
        approaches=approaches,
        approach_reasons=_reasons(who.language),
        fault=fault if fault in FAULTS else None,
        about=about,
        deferrals=_deferrals(pages.today()),
        key=lambda: str(uuid4()),
    )


@router.get("/view/{handle}/timeline")
def timeline_page(
    request: Request,
    who: SignedIn,
    handle: str,
    source: str | None = None,
    since: int | None = None,
    period: str | None = None,
) -> Response:
    """The timeline alone, filtered; no new suggestions are made for it. ``period`` is one year or
    one month, of a timeline that is too long for one page."""
    pages, view = pages_of(request), who.open_view(handle)
    context = head(pages, who, view, handle) | _timeline(pages, who, view, source, since, period)
    return pages.render(request, "timeline.html", visitor=who, **context)


@router.get("/view/{handle}/why-not")
def why_not_page(request: Request, who: SignedIn, handle: str) -> Response:
    """Every service that is not among the suggestions, with what held it back."""
    pages, view = pages_of(request), who.open_view(handle)
    answers = pages.application.why_not(
        view.citizen, language=who.language, purpose=view.purpose, by=who.caller
    )
    context = head(pages, who, view, handle)
    held = _by_gate(one for one in answers if not one.shown)
    return pages.render(request, "why_not.html", visitor=who, **context, held=held)


@router.get("/view/{handle}/looks")
def looks_page(request: Request, who: SignedIn, handle: str) -> Response:
    """Who looked at what of this citizen."""
    pages, view = pages_of(request), who.open_view(handle)
    looks = pages.application.looks(view.citizen, purpose=view.purpose, by=who.caller)
    # What one page looked up at once is one look.
    at_once = {(f"{look.at:%Y-%m-%d %H:%M}", look.by, look.action): look for look in looks}
    days = groupby(at_once.values(), key=lambda look: look.at.astimezone(pages.zone).date())
    context = head(pages, who, view, handle) | {
        "looks": [(day, tuple(held)) for day, held in days],
        "purpose_titles": {one.id: one.title for one in pages.application.purposes(who.language)},
    }
    return pages.render(request, "looks.html", visitor=who, **context)


@router.get("/view/{handle}/decisions")
def decisions_page(request: Request, who: SignedIn, handle: str) -> Response:
    """Everything that was decided on this citizen's suggestions."""
    pages, view = pages_of(request), who.open_view(handle)
    decided = pages.application.decisions(
        view.citizen, language=who.language, purpose=view.purpose, by=who.caller
    )
    context = head(pages, who, view, handle)
    return pages.render(request, "decisions.html", visitor=who, **context, decisions=decided)


def _reasons(language: str) -> dict[str, tuple[tuple[str, str], ...]]:
    """The coded reasons of each choice of approach: (code, text)."""
    return {
        choice: tuple((code, said.get(language, said["en"])) for code, said in reasons.items())
        for choice, reasons in REASONS.items()
    }


def _brings(pages: Pages, language: str) -> dict[str, tuple[str, ...]]:
    """The services that each life event brings into view."""
    pack = pages.application.pack
    found: dict[str, list[str]] = {}
    for service in pack.services.values():
        for trigger in service.triggers:
            found.setdefault(trigger, []).append(pack.say(service.title, language))
    return {life_event: tuple(titles) for life_event, titles in found.items()}


def head(pages: Pages, who: Visitor, view: View, handle: str) -> dict[str, Any]:
    """What the head of every page about a citizen shows."""
    person: Person = pages.application.person(
        view.citizen, language=who.language, purpose=view.purpose, by=who.caller
    )
    purposes = pages.application.purposes(who.language)
    purpose: PurposeView | None = next((one for one in purposes if one.id == view.purpose), None)
    services = {one.id: one.title for one in pages.application.services(who.language)}
    return {
        "person": person,
        "purpose": purpose,
        "purposes": purposes,
        "service_titles": services,
        "view": f"/view/{handle}",
        "on_caseload": pages.application.casework.on_caseload(view.citizen, by=who.caller),
    }


def _suggestions(pages: Pages, who: Visitor, view: View, named: str | None) -> Suggestions | None:
    """The suggestions, or None as long as there is no model or no data to make them from."""
    try:
        return pages.application.suggest(
            view.citizen,
            language=who.language,
            purpose=view.purpose,
            by=who.caller,
            named=named,
        )
    except NotReadyError:
        return None


def _timeline(
    pages: Pages,
    who: Visitor,
    view: View,
    source: str | None,
    since: int | None,
    period: str | None = None,
) -> dict[str, Any]:
    today = pages.today()
    chosen = Filter.chosen(source, since, today)
    timeline: Timeline = pages.application.timeline(
        view.citizen,
        language=who.language,
        purpose=view.purpose,
        by=who.caller,
        sources=chosen.sources,
        since=chosen.since,
    )
    entries = [entry for entry in timeline.entries if not chosen.before(entry)]
    return {
        "timeline": timeline,
        "years": in_period(entries, period) if period else by_year(entries),
        "standing": lines(entry for entry in timeline.entries if chosen.before(entry)),
        "upcoming": tuple(reversed(lines(timeline.upcoming))),
        "brings": _brings(pages, who.language),
        "chosen": chosen,
        "years_offered": chosen.offered(today),
    }


def _grouped(cards: tuple[Card, ...]) -> tuple[tuple[str, tuple[Card, ...]], ...]:
    """Cards under now, soon and later; groups without cards are left out."""
    grouped = ((name, tuple(card for card in cards if card.group == name)) for name in GROUPS)
    return tuple((name, held) for name, held in grouped if held)


def _by_gate(answers: Iterable[WhyNot]) -> tuple[tuple[str, tuple[WhyNot, ...]], ...]:
    held: dict[str, list[WhyNot]] = {gate: [] for gate in GATES}
    for one in answers:
        held.setdefault(one.gate or "ranked-lower", []).append(one)
    return tuple((gate, tuple(found)) for gate, found in held.items() if found)


def _deferrals(today: date) -> tuple[tuple[str, date], ...]:
    """What *later* offers beside a day of one's own choice."""
    return (
        ("two-weeks", today + timedelta(days=14)),
        ("month", months_later(today, 1)),
        ("quarter", months_later(today, 3)),
    )
