"""When a citizen gets stuck in the standard process, said with the figures behind it."""

from __future__ import annotations

import polars as pl
from sqlalchemy import Row

from features.catalogue import Kind
from features.pack import Pack
from models.choosing import Choice
from serving.answers import Friction

_PREFIX = "friction_"
_HOW_MANY_POINTS = 2
"""Stuck from so many points on: a heavy sign counts two, a light one counts one."""

_SIGNS: dict[str, tuple[float, float, dict[str, tuple[str, str]]]] = {
    "spirals": (1, 2, {
        "nl": ("1 keer terug bij wie de zaak overdroeg",
               "{n} keer terug bij wie de zaak overdroeg"),
        "en": ("1 time back to who had handed it over", "{n} times back to who had handed it over"),
    }),
    "handovers": (3, 5, {
        "nl": ("1 overdracht", "{n} overdrachten"),
        "en": ("1 handover", "{n} handovers"),
    }),
    "redos": (2, 4, {
        "nl": ("1 stap overgedaan door een ander", "{n} stappen overgedaan door een ander"),
        "en": ("1 step done again by someone else", "{n} steps done again by someone else"),
    }),
    "reopenings": (1, 2, {
        "nl": ("1 zaak heropend", "{n} zaken heropend"),
        "en": ("1 case reopened", "{n} cases reopened"),
    }),
    "repeat_contact": (2, 4, {
        "nl": ("1 keer opnieuw contact over dezelfde vraag",
               "{n} keer opnieuw contact over dezelfde vraag"),
        "en": ("1 more contact about the same question",
               "{n} more contacts about the same question"),
    }),
    "failed_contacts": (3, 6, {
        "nl": ("1 mislukt contact", "{n} mislukte contacten"),
        "en": ("1 contact that did not get through", "{n} contacts that did not get through"),
    }),
    "days_past_norm": (7, 42, {
        "nl": ("1 dag over de norm", "{n} dagen over de norm"),
        "en": ("1 day past the norm", "{n} days past the norm"),
    }),
    "idle_days": (42, 120, {
        "nl": ("1 dag zonder stap in een lopende zaak",
               "{n} dagen zonder stap in een lopende zaak"),
        "en": ("1 day without a step in an open case", "{n} days without a step in an open case"),
    }),
}  # fmt: skip
"""Measure → from when it is a light sign, from when a heavy one, and how it is said."""

_WITHIN = {"nl": "In {days} dagen: {signs}.", "en": "In {days} days: {signs}."}


def stuck(
    choice: Choice, pack: Pack, language: str, last: Row[tuple[object, ...]] | None
) -> Friction | None:
    """The signal that a citizen should get a personal approach, or None.

    ``last`` is the last choice that was made about it (:class:`serving.approach.Approaches`).
    """
    window = min(pack.domain.windows.friction)
    counts = _counts(choice.signals, window)
    points = sum(
        (2 if counts[name] >= heavy else 1)
        for name, (light, heavy, _) in _SIGNS.items()
        if counts.get(name, 0.0) >= light
    )
    if points < _HOW_MANY_POINTS:
        return None
    spoken = language if language in _WITHIN else "en"
    evidence = tuple(
        _said(said[spoken], counts[name])
        for name, (light, _, said) in _SIGNS.items()
        if counts.get(name, 0.0) >= light
    )
    return Friction(
        sentence=_WITHIN[spoken].format(days=window, signs=", ".join(evidence)),
        evidence=evidence,
        service=personal_approach(pack),
        choice=None if last is None else last.choice,
        owner=None if last is None else last.by_name,
        chosen_at=None if last is None else last.at,
    )


def personal_approach(pack: Pack) -> str | None:
    """The intervention whose criteria ask about friction; None where the pack has none."""
    for name, service in pack.services.items():
        asks = any(_PREFIX in criterion.sql for criterion in service.criteria)
        if service.kind is Kind.INTERVENTION and asks:
            return name
    return None


def _counts(signals: pl.DataFrame, window: int) -> dict[str, float]:
    """The friction measures of one citizen; what is not known is left out."""
    row = signals.row(0, named=True)
    counts = {}
    for name in _SIGNS:
        value = row.get(f"{_PREFIX}{name}_{window}d", row.get(f"{_PREFIX}{name}"))
        if value is not None:
            counts[name] = float(value)
    return counts


def _said(forms: tuple[str, str], count: float) -> str:
    whole = round(count)
    return forms[0] if whole == 1 else forms[1].format(n=whole)
