"""When a citizen gets stuck in the standard process, said with the figures behind it.

Who is stuck is the pack's to say: those for whom the criteria of its intervention about friction
are met. The figures told are the friction signals, those that the criteria ask about first.
"""

from __future__ import annotations

import re

import polars as pl
from sqlalchemy import Row

from features.catalogue import Kind
from features.pack import Pack
from models.choosing import Choice
from serving.answers import Friction

_SIGNAL = re.compile(r"friction_(?P<measure>[a-z_]+?)(?:_(?P<days>\d+)d)?")
_MOST_SIGNS = 4

_SIGNS: dict[str, dict[str, tuple[str, str]]] = {
    "spirals": {
        "nl": ("1 keer terug naar wie de zaak overdroeg",
               "{n} keer terug naar wie de zaak overdroeg"),
        "en": ("sent back once to whoever handed it over",
               "sent back {n} times to whoever handed it over"),
    },
    "handovers": {
        "nl": ("1 overdracht", "{n} overdrachten"),
        "en": ("1 handover", "{n} handovers"),
    },
    "reassignments": {
        "nl": ("1 keer naar een ander team", "{n} keer naar een ander team"),
        "en": ("moved once to another team", "moved {n} times to another team"),
    },
    "redos": {
        "nl": ("1 stap overgedaan door een ander", "{n} stappen overgedaan door een ander"),
        "en": ("1 step done again by someone else", "{n} steps done again by someone else"),
    },
    "reopenings": {
        "nl": ("1 zaak heropend", "{n} zaken heropend"),
        "en": ("1 case reopened", "{n} cases reopened"),
    },
    "repeat_contact": {
        "nl": ("1 keer opnieuw contact over dezelfde vraag",
               "{n} keer opnieuw contact over dezelfde vraag"),
        "en": ("1 more contact about the same question",
               "{n} more contacts about the same question"),
    },
    "failed_contacts": {
        "nl": ("1 mislukt contact", "{n} mislukte contacten"),
        "en": ("1 contact that did not get through", "{n} contacts that did not get through"),
    },
    "days_past_norm": {
        "nl": ("een zaak 1 dag over de norm", "een zaak {n} dagen over de norm"),
        "en": ("a case 1 day past its norm", "a case {n} days past its norm"),
    },
    "idle_days": {
        "nl": ("1 dag zonder stap in een lopende zaak",
               "{n} dagen zonder stap in een lopende zaak"),
        "en": ("1 day without a step in an open case", "{n} days without a step in an open case"),
    },
}  # fmt: skip
"""Measure → how one and how many of it are said."""

_WITHIN = {"nl": "In {days} dagen: {signs}", "en": "In {days} days: {signs}"}
_IN_A_YEAR = {"nl": "In een jaar: {signs}", "en": "In a year: {signs}"}
_NOW = {"nl": "Nu: {signs}", "en": "Now: {signs}"}
_YEAR = 365


def stuck(
    choice: Choice, pack: Pack, language: str, last: Row[tuple[object, ...]] | None
) -> Friction | None:
    """The signal that a citizen should get a personal approach, or None; who has gone needs none.

    ``last`` is the last choice that was made about it (:class:`serving.approach.Approaches`).
    """
    service = personal_approach(pack)
    if service is None or choice.departure is not None or not _eligible(choice, service):
        return None
    spoken = language if language in _WITHIN else "en"
    counts = _counts(choice.signals, _asked(pack, service))[:_MOST_SIGNS]
    evidence = by_window(counts, spoken)
    criterion = pack.say(pack.services[service].criteria[0].text, language)
    holds = None if last is None or last.choice == "back" else last
    return Friction(
        sentence=". ".join(evidence or [criterion.rstrip(".")]) + ".",
        evidence=evidence,
        service=service,
        choice=None if holds is None else holds.choice,
        owner=None if holds is None else holds.by_name,
        chosen_at=None if holds is None else holds.at,
    )


def personal_approach(pack: Pack) -> str | None:
    """The intervention whose criteria ask about friction; None where the pack has none."""
    for name, service in pack.services.items():
        if service.kind is Kind.INTERVENTION and _asked(pack, name):
            return name
    return None


def _asked(pack: Pack, service: str) -> list[str]:
    """The friction signals that the criteria of ``service`` name, in their order."""
    names = (
        found.group()
        for criterion in pack.services[service].criteria
        for found in re.finditer(r"\bfriction_\w+", criterion.sql)
    )
    return list(dict.fromkeys(names))


def _eligible(choice: Choice, service: str) -> bool:
    verdict = choice.candidates.filter(pl.col("service") == service)["eligible"]
    return bool(verdict.fill_null(value=False).any())


def _counts(signals: pl.DataFrame, first: list[str]) -> list[tuple[str, int | None, int]]:
    """Measure, window and count of what happened at all; each measure once."""
    row = signals.row(0, named=True)
    names = dict.fromkeys([*first, *(name for name in row if name.startswith("friction_"))])
    told: dict[str, tuple[str, int | None, int]] = {}
    for name in names:
        parts = _SIGNAL.fullmatch(name)
        count = round(row.get(name) or 0)
        if parts and count > 0 and parts["measure"] in _SIGNS:
            days = int(parts["days"]) if parts["days"] else None
            told.setdefault(parts["measure"], (parts["measure"], days, count))
    return list(told.values())


def by_window(counts: list[tuple[str, int | None, int]], language: str) -> tuple[str, ...]:
    """One line per window, the shortest first and how things stand now last.

    ``counts`` holds measure, days (None: now) and how many; lines have no full stop.
    """
    windows = sorted({days for _, days, _ in counts}, key=lambda days: (days is None, days))
    return tuple(
        _opening(days, language).format(
            days=days,
            signs=", ".join(_said(one, n, language) for one, of, n in counts if of == days),
        )
        for days in windows
    )


def _opening(days: int | None, language: str) -> str:
    if days is None:
        return _NOW[language]
    return (_IN_A_YEAR if days == _YEAR else _WITHIN)[language]


def _said(measure: str, count: int, language: str) -> str:
    one, many = _SIGNS[measure][language]
    return one if count == 1 else many.format(n=count)
