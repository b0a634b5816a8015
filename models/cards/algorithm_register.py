"""The record of the Dutch algorithm register (Algoritmeregister 1.0.0), out of what was measured.

What only the organisation can say, such as its weighing of interests and its impact assessments,
stands in the pack's own words or is left open and named: a record with an open mandatory field is
not ready to be published.
"""

from __future__ import annotations

from typing import Any

from features.pack import Pack
from models.bundle import Bundle
from models.cards.model_card import model_card

SCHEMA, LANGUAGE = "1.0.0", "nld"
MANDATORY = (
    "Naam",
    "Korte omschrijving",
    "Organisatie",
    "Status",
    "Contactgegevens",
    "Publicatiecategorie",
    "Taal",
    "Schema",
)
LONGEST = {
    "Naam": 99,
    "Korte omschrijving": 349,
    "Doel en impact": 2499,
    "Afwegingen": 2499,
    "Menselijke tussenkomst": 2499,
    "Risicobeheer": 2499,
    "Wettelijke basis": 2499,
    "Technische werking": 4999,
    "Leverancier": 199,
}
"""The register refuses longer texts."""
STATUSES = ("In ontwikkeling", "In gebruik", "Buiten gebruik")
HIGH_RISK = "Hoog-risico AI-systemen"
"""Recommending on eligibility for public benefits: AI Act, annex III, 5(a)."""

_GOAL = (
    "Inwoners laten vaak liggen waar zij recht op hebben. Het algoritme zoekt per inwoner uit "
    "welke voorziening waarschijnlijk past en nog niet wordt gebruikt. Een medewerker ziet "
    "drie tot vijf suggesties met de redenen erbij en bespreekt die met de inwoner. Wie geen "
    "suggestie krijgt, houdt alle rechten en kan gewoon zelf aanvragen."
)
_HUMAN = (
    "Een medewerker beslist altijd. Het algoritme kent niets toe en wijst niets af. Een medewerker "
    "neemt een suggestie over, stelt haar uit of wijst haar af met een reden. Een inwoner kan "
    "bezwaar maken; dan worden er geen suggesties meer gemaakt."
)
_SHORT = (
    "Wijst een medewerker op voorzieningen die bij een inwoner passen en nog niet gebruikt worden."
)


def algorithm_register(
    bundle: Bundle, pack: Pack, *, status: str = STATUSES[1], contact: str = ""
) -> dict[str, Any]:
    """The record, by the names of the register's fields.

    Parameters
    ----------
    status
        One of :data:`STATUSES`.
    contact
        Where people can ask about it; the pack does not know.

    Returns
    -------
    The fields, and under ``Open`` the mandatory ones that somebody still has to fill in.
    """
    card = model_card(bundle, pack)
    fields: dict[str, Any] = {
        "Naam": pack.say(pack.domain.title, "nl"),
        "Korte omschrijving": _SHORT,
        "Organisatie": pack.say(pack.domain.organisation, "nl"),
        "Status": status,
        "Begindatum": f"{bundle.trained_at:%Y-%m}",
        "Contactgegevens": contact,
        "Publicatiecategorie": HIGH_RISK,
        "Doel en impact": _GOAL,
        "Menselijke tussenkomst": _HUMAN,
        "Risicobeheer": _risks(card),
        "Wettelijke basis": _grounds(pack),
        "Gegevens": _data(card, pack),
        "Gegevensbron": "; ".join(
            pack.say(source.title, "nl") for source in pack.domain.sources.values()
        ),
        "Technische werking": _technique(card),
        "Taal": LANGUAGE,
        "Schema": SCHEMA,
        "Zoektermen": "niet-gebruik; proactieve dienstverlening; suggesties",
    }
    cut = {name: _within(name, value) for name, value in fields.items()}
    return cut | {"Open": [name for name in MANDATORY if not cut[name]]}


def _within(name: str, value: str) -> str:
    longest = LONGEST.get(name)
    if longest is None or len(value) <= longest:
        return value
    return value[: longest - 1].rsplit(" ", 1)[0] + "…"


def _grounds(pack: Pack) -> str:
    return "; ".join(
        f"{pack.say(purpose.title, 'nl')}: {purpose.legal_basis}"
        for purpose in pack.domain.purposes.values()
    )


def _data(card: dict[str, Any], pack: Pack) -> str:
    facts = [pack.say(fact.title, "nl") for fact in pack.domain.facts.values()]
    never = [pack.say(pack.domain.facts[name].title, "nl") for name in card["never_used"]]
    rules = [pack.say(pack.domain.facts[name].title, "nl") for name in card["rules_only"]]
    return (
        f"{card['signals']} kenmerken uit onder meer: {', '.join(facts)}. "
        f"Nooit gebruikt om te voorspellen: {', '.join([*never, *rules]) or 'niets opgegeven'}."
    )


def _risks(card: dict[str, Any]) -> str:
    summary = card["summary"]
    told = [
        "Een nieuw model wordt pas gebruikt als vaste eisen aan kwaliteit, betrouwbaarheid van de "
        "kansen en gelijke behandeling van groepen zijn gehaald; anders blijft het oude.",
        _measured("Onderscheidend vermogen (AUC) op een latere periode", summary.get("auc")),
        _measured("Afwijking tussen kans en uitkomst", summary.get("calibration_error")),
        _measured("Bovengrens (95%) van die afwijking", summary.get("calibration_error_high")),
    ]
    if card["leaks"]:
        told.append(f"{len(card['leaks'])} kenmerken worden nog onderzocht.")
    return " ".join(one for one in told if one)


def _measured(what: str, value: float | None) -> str:
    return "" if value is None else f"{what}: {value:.3f}."


def _technique(card: dict[str, Any]) -> str:
    learned = sum(head["basis"] == "model" for head in card["heads"])
    data = card["data"]
    return (
        "Regels bepalen eerst of iemand recht kan hebben. Per voorziening schat een model "
        "(beslisbomen, LightGBM) hoe waarschijnlijk het is dat iemand haar zonder hulp gaat "
        f"gebruiken; {learned} van de {len(card['heads'])} voorzieningen hebben zo'n model, voor "
        "de andere geldt een vast aandeel. Wat overblijft is de onvervulde behoefte, en daarop "
        f"wordt geordend. Geleerd van {data.get('citizens', 0)} inwoners, met gegevens tot "
        f"{card['trained_at'][:10]}. Versie {card['version']}."
    )
