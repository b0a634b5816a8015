"""The sentences of a card that no pack gives: Dutch and English, in plain words."""

from __future__ import annotations

import math
from datetime import date
from typing import Final

PHRASES: Final[dict[str, dict[str, str]]] = {
    "now": {"nl": "Nu", "en": "Now"},
    "soon": {"nl": "Binnenkort", "en": "Soon"},
    "later": {"nl": "Later", "en": "Later"},
    "before": {"nl": "vóór {day}", "en": "before {day}"},
    "happened": {"nl": "{event} op {day}.", "en": "{event} on {day}."},
    "will-happen": {
        "nl": "{event} wordt verwacht op {day}.",
        "en": "{event} is expected on {day}.",
    },
    "known-later": {"nl": "bekend sinds {day}", "en": "known since {day}"},
    "why-eligible": {
        "nl": "Aan alle voorwaarden die wij kennen is voldaan.",
        "en": "All conditions that we know of are met.",
    },
    "why-unknown": {
        "nl": "Dit past misschien; niet alles is bekend.",
        "en": "This may fit; not everything is known.",
    },
    "why-failing": {
        "nl": "Kans dat het bij ons {within} misgaat: {chance}. Dat is: {signs}.",
        "en": "Chance that things go wrong with us {within}: {chance}. That is: {signs}.",
    },
    "sign-overdue": {"nl": "te laat beslist", "en": "decided too late"},
    "sign-objection": {"nl": "bezwaar", "en": "an objection"},
    "sign-complaint": {"nl": "een klacht", "en": "a complaint"},
    "sign-repeat-contact": {"nl": "weer contact zonder resultaat", "en": "contact again in vain"},
    "sign-drop-out": {"nl": "een aanvraag ingetrokken", "en": "an application withdrawn"},
    "relation-partner": {"nl": "Partner", "en": "Partner"},
    "relation-child": {"nl": "Kind", "en": "Child"},
    "relation-parent": {"nl": "Ouder", "en": "Parent"},
    "sure-4": {"nl": "zeer waarschijnlijk", "en": "very likely"},
    "sure-3": {"nl": "waarschijnlijk", "en": "likely"},
    "sure-2": {"nl": "mogelijk", "en": "possible"},
    "sure-1": {"nl": "onzeker", "en": "uncertain"},
    "range": {"nl": "{low} tot {high} van de 10", "en": "{low} to {high} in 10"},
    "fits": {
        "nl": "Past: {word} (bij {range} mensen in deze situatie).",
        "en": "Fits: {word} ({range} people in this situation).",
    },
    "basis-rules": {
        "nl": "Dit volgt uit de regels. Er is nog weinig ervaring om van te leren.",
        "en": "This follows from the rules. There is little experience to learn from yet.",
    },
    "basis-rules-model": {
        "nl": "De regels zeggen dat het past. Het model weegt of hulp nodig is.",
        "en": "The rules say that it fits. The model weighs whether help is needed.",
    },
    "basis-model": {
        "nl": "Het model schat dit uit eerdere besluiten; de regels weten niet genoeg.",
        "en": "The model estimates this from earlier decisions; the rules do not know enough.",
    },
    "basis-failing": {
        "nl": "Geschat uit eerdere zaken en contacten. Wat niemand vastlegde, telt niet mee.",
        "en": "Estimated from earlier cases and contacts. What nobody recorded does not count.",
    },
    "basis-prior": {
        "nl": "Er is te weinig bekend en te weinig ervaring. Dit is een ruwe schatting.",
        "en": "Too little is known, with too little experience. This is a rough estimate.",
    },
    "unaided-small": {"nl": "klein", "en": "small"},
    "unaided-fair": {"nl": "redelijk", "en": "fair"},
    "unaided-large": {"nl": "groot", "en": "large"},
    "unaided": {
        "nl": "Kans dat iemand dit zonder hulp aanvraagt: {word} ({chance} {within}).",
        "en": "Likely to apply without help: {word} ({chance} {within}).",
    },
    "chance": {"nl": "{count} op de 10", "en": "{count} in 10"},
    "chance-rare": {"nl": "minder dan 1 op de 20", "en": "fewer than 1 in 20"},
    "chance-most": {"nl": "meer dan 9 op de 10", "en": "more than 9 in 10"},
    "within-half-year": {"nl": "in het komende halfjaar", "en": "in the next half year"},
    "within-year": {"nl": "in het komende jaar", "en": "in the next year"},
    "within-months": {"nl": "in de komende {months} maanden", "en": "in the next {months} months"},
    "seldom-alone": {
        "nl": "{concept}: mensen in deze positie vragen dit zelden zelf aan.",
        "en": "{concept}: people in this position seldom apply without help.",
    },
    "often-alone": {
        "nl": "{concept}: mensen in deze positie vragen dit vaak zelf aan.",
        "en": "{concept}: people in this position often apply without help.",
    },
    "ask-fact": {"nl": "Vraag naar: {fact}.", "en": "Ask about: {fact}."},
    "yes": {"nl": "ja", "en": "yes"},
    "no": {"nl": "nee", "en": "no"},
    "either": {"nl": "{first} of {last}", "en": "{first} or {last}"},
    "in-unit": {"nl": "in {unit}", "en": "in {unit}"},
    "citizen": {"nl": "inwoner", "en": "citizen"},
    "this": {"nl": "deze {word}", "en": "this {word}"},
    "ranked-lower": {
        "nl": "Dit kan passen, maar andere suggesties gaan nu voor.",
        "en": "This may fit, but other suggestions go first now.",
    },
    "shown": {"nl": "Dit staat bij de suggesties.", "en": "This is among the suggestions."},
    "gives-way": {
        "nl": "Dit kan stoppen: het gaat niet samen.",
        "en": "This may end: the two do not go together.",
    },
    "not-met": {"nl": "Niet voldaan: {text}", "en": "Not met: {text}"},
    "unknown": {"nl": "Niet bekend: {text}", "en": "Not known: {text}"},
    "turn-unknown": {
        "nl": "{fact} (niet bekend): {bound} {effect}",
        "en": "{fact} (not known): {bound} {effect}",
    },
    "turn-known": {"nl": "{fact}: {bound} {effect}", "en": "{fact}: {bound} {effect}"},
    "turn-is": {"nl": "bij ‘{value}’", "en": "with ‘{value}’,"},
    "turn-from": {"nl": "vanaf {value}", "en": "from {value} on,"},
    "turn-above": {"nl": "boven {value}", "en": "above {value},"},
    "turn-below": {"nl": "onder {value}", "en": "below {value},"},
    "turn-up-to": {"nl": "tot en met {value}", "en": "up to {value},"},
    "turn-fits": {"nl": "past dit wel.", "en": "this does fit."},
    "turn-does-not-fit": {"nl": "past dit niet.", "en": "this does not fit."},
    "turn-ranks-higher": {"nl": "komt dit hoger te staan.", "en": "this comes higher up."},
    "turn-ranks-lower": {"nl": "komt dit lager te staan.", "en": "this comes further down."},
    "next-step": {
        "nl": "Bespreek dit en vraag het samen aan.",
        "en": "Discuss this and apply together.",
    },
    "departed": {"nl": "{event} op {day}.", "en": "{event} on {day}."},
}
MONTHS: Final[dict[str, tuple[str, ...]]] = {
    "nl": (
        "januari", "februari", "maart", "april", "mei", "juni",
        "juli", "augustus", "september", "oktober", "november", "december",
    ),
    "en": (
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ),
}  # fmt: skip

_DAYS_A_MONTH = 30.4


def phrase(key: str, language: str, **words: object) -> str:
    """The phrase in ``language`` (English where we do not speak it), with its words filled in."""
    spoken = PHRASES[key]
    return (spoken.get(language) or spoken["en"]).format(**words)


def day_text(day: date, language: str, *, today: date) -> str:
    """``14 March``, and the year where it is not this one."""
    month = MONTHS.get(language, MONTHS["en"])[day.month - 1]
    text = f"{day.day} {month}"
    return text if day.year == today.year else f"{text} {day.year}"


def number_text(number: float, language: str, *, decimals: int | None = 2, most: int = 2) -> str:
    """``15,000`` or ``1,345.50``; with the point and the comma the other way round in Dutch.

    Parameters
    ----------
    decimals
        Of a number that is not whole; when None as many as it has, with ``most`` at most.
    """
    places = most if decimals is None else decimals
    text = f"{number:,.{places}f}"
    if places and (decimals is None or float(text.replace(",", "")).is_integer()):
        text = text.rstrip("0").rstrip(".")
    return text.translate(_DUTCH) if language == "nl" else text


_DUTCH = str.maketrans(",.", ".,")


def within_text(days: int, language: str) -> str:
    """A horizon in words: ``in the next half year``."""
    months = max(1, round(days / _DAYS_A_MONTH))
    if months in (6, 12):
        return phrase("within-half-year" if months == 6 else "within-year", language)
    return phrase("within-months", language, months=months)


def chance_text(chance: float, language: str) -> str:
    """A chance as people count: ``1 in 10``."""
    if chance < 0.05:
        return phrase("chance-rare", language)
    if chance > 0.95:
        return phrase("chance-most", language)
    return phrase("chance", language, count=min(max(round(chance * 10), 1), 9))


def range_text(low: float, high: float, language: str) -> str:
    """A range in tenths, at least one tenth wide: ``6 to 8 in 10``."""
    first = math.floor(min(max(low, 0.0), 1.0) * 10 + 1e-9)
    last = math.ceil(min(max(high, 0.0), 1.0) * 10 - 1e-9)
    if last <= first:
        first, last = (first - 1, last) if first == 10 else (first, first + 1)
    return phrase("range", language, low=first, high=last)
