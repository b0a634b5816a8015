"""A pack of one page, with one of everything that signals rest on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from features.catalogue import Service
from features.domain import Domain, LifeEvent, Parameter
from features.families.own import own_families
from features.pack import Pack
from features.sources.mapping import SourceMapping


def _text(english: str, dutch: str) -> dict[str, str]:
    return {"en": english, "nl": dutch}


def _titled(english: str, dutch: str, **more: Any) -> dict[str, Any]:
    return {"title": _text(english, dutch), **more}


_SAID = _text("Something.", "Iets.")

DOMAIN: dict[str, Any] = {
    "id": "small",
    "title": _text("Small", "Klein"),
    "organisation": _text("Office", "Kantoor"),
    "languages": ["nl", "en"],
    "time_zone": "Europe/Amsterdam",
    "purposes": {
        "support": _titled("Support", "Hulp", legal_basis="law"),
        "quality": _titled("Quality", "Kwaliteit", legal_basis="law"),
    },
    "sources": {
        "register": _titled(
            "Register",
            "Register",
            legal_basis="law",
            purposes=["support", "quality"],
            retention_days=999,
            expected_every_days=7,
        ),
        "cases": _titled(
            "Case system",
            "Zaaksysteem",
            legal_basis="law",
            purposes=["support", "quality"],
            retention_days=999,
        ),
        "tax": _titled(
            "Tax", "Belasting", legal_basis="law", purposes=["support"], retention_days=999
        ),
    },
    "event_types": {
        "moved": _titled("Moved", "Verhuisd", concept="home"),
        "died": _titled("Died", "Overleden", role="left", signals=False),
        "came-back": _titled("Came back", "Teruggekomen", role="returned", signals=False),
        "bill": _titled("Bill", "Aanslag"),
        "applied": _titled("Applied", "Aangevraagd", role="applied"),
        "granted": _titled("Granted", "Toegekend", role="granted"),
        "refused": _titled("Refused", "Afgewezen", role="refused"),
        "ended": _titled("Ended", "Gestopt", role="ended"),
        "case-opened": _titled("Opened", "Geopend", role="case-opened"),
        "case-step": _titled("Step", "Stap", role="case-step"),
        "case-closed": _titled("Closed", "Gesloten", role="case-closed"),
        "case-reopened": _titled("Reopened", "Heropend", role="case-reopened"),
        "contact": _titled("Contact", "Contact", role="contact"),
        "no-contact": _titled("No contact", "Geen contact", role="contact-failed"),
        "walk-in": _titled("Walk-in", "Inloop"),
    },
    "facts": {
        "birth_date": _titled("Date of birth", "Geboortedatum", type="date", signal=False),
        "income": _titled("Income", "Inkomen", type="number", unit="euro"),
        "carer": _titled("Carer", "Mantelzorger", type="boolean"),
        "home": _titled("Home", "Woning", type="category", categories=["rent", "own"]),
        "card_expires": _titled("Card valid until", "Kaart geldig tot", type="date"),
        "disability": _titled(
            "Disability", "Beperking", type="boolean", sensitivity="criterion-only", legal_basis="l"
        ),
        "origin": _titled(
            "Origin", "Herkomst", type="category", categories=["a", "b"], sensitivity="never"
        ),
    },
    "derived": {
        "poor": _titled("Poor", "Arm", type="boolean", sql="month_income < norm"),
        "month_income": _titled("Income a month", "Inkomen", type="number", sql="income / 12"),
        "age": _titled("Age", "Leeftijd", type="number", years_since="birth_date"),
        "children": _titled(
            "Children",
            "Kinderen",
            type="number",
            relatives={"kind": "child", "measure": "count", "younger_than": "adult_age"},
        ),
        "has_partner": _titled(
            "Partner", "Partner", type="boolean", relatives={"kind": "partner", "measure": "any"}
        ),
        "youngest": _titled(
            "Youngest",
            "Jongste",
            type="number",
            relatives={"kind": "child", "measure": "youngest_age"},
        ),
        "card_days": _titled("Card days", "Kaartdagen", type="number", days_until="card_expires"),
    },
    "relations": ["child", "partner"],
    "channels": {"phone": _titled("Phone", "Telefoon"), "desk": _titled("Desk", "Balie")},
    "families": {"intervals": "on", "seasonality": "on", "distinct": {"windows": [90, 365]}},
    "household": [
        {
            "relation": "partner",
            "title": _text("the partner", "de partner"),
            "signal": "fact_income",
            "purpose": "support",
        },
        {
            "relation": "child",
            "title": _text("the children", "de kinderen"),
            "signal": "count_contact_365d",
            "of_more": "sum",
            "purpose": "quality",
        },
    ],
    "signals": {
        "bills_for_income": {
            "unit": "share",
            "meaning": _text("Bills by income", "Aanslagen naar inkomen"),
            "sql": "value_sum_bill_365d / income",
        },
        "moved_and_poor": {
            "unit": "yes/no",
            "meaning": _text("Moved, and poor", "Verhuisd, en arm"),
            "concept": "other",
            "sql": "COALESCE(count_moved_365d, 0) > 0 AND poor",
        },
        "worry": {
            "unit": "number",
            "meaning": _text("Worry", "Zorg"),
            "sql": "CASE WHEN moved_and_poor > 0 THEN bills_for_income ELSE 0 END",
        },
    },
    "case_types": {"question": _titled("Question", "Vraag", norm_days=5)},
}

PARAMETERS: dict[str, Any] = {
    "norm": _titled(
        "Norm",
        "Norm",
        unit="euro",
        values=[
            {"valid_from": "2024-01-01", "value": 1000, "year": 2024, "source": "law"},
            {"valid_from": "2025-01-01", "value": 1200, "year": 2025, "source": "law"},
        ],
    ),
    "adult_age": _titled(
        "Adult",
        "Volwassen",
        unit="years",
        values=[{"valid_from": "1990-01-01", "value": 18, "year": 1990, "source": "law"}],
    ),
}

LIFE_EVENTS: dict[str, Any] = {
    "moving": _titled("Moving", "Verhuizen", triggers=[{"event": "moved"}]),
    "caring": _titled("Caring", "Zorgen", triggers=[{"fact": "carer", "to": "true"}]),
    "other-home": _titled("Other home", "Ander huis", triggers=[{"fact": "home"}]),
    "adult": _titled(
        "Adult", "Volwassen", triggers=[{"reaches_age": "adult_age"}], ahead_days=90, fresh_days=200
    ),
    "child-at-school": _titled(
        "School", "School", triggers=[{"reaches_age": 4, "of": "child"}], ahead_days=90
    ),
    "card-expires": _titled(
        "Card expires", "Kaart verloopt", triggers=[{"date_fact": "card_expires"}], ahead_days=60
    ),
}

SERVICES: dict[str, Any] = {
    "allowance": {"lasts_days": 365, "case_types": ["allowance", "allowance-extra"]},
    "card": {},
    "visit": {"kind": "intervention"},
}


def _event(kind: str, **more: Any) -> dict[str, Any]:
    return {"type": {"const": kind}, "occurred_at": {"column": "at"}, **more}


def _fact(name: str) -> dict[str, Any]:
    return {"name": name, "value": name, "valid_from": {"column": "at"}}


def _mapping(source: str, **more: Any) -> dict[str, Any]:
    file = {
        "name": "file",
        "path": "*.csv",
        "format": "csv",
        "subject": {"column": "id", "scheme": "id"},
        **more,
    }
    return {"source": source, "files": [file]}


_ABOUT = {"column": "about", "map": {"1": "allowance", "2": "card"}}
_WORK = ("case-opened", "case-step", "case-closed", "case-reopened", "contact", "no-contact")

MAPPINGS: dict[str, Any] = {
    "register": _mapping(
        "register",
        events=[_event(kind) for kind in ("moved", "died", "came-back")],
        facts=[_fact(name) for name in ("birth_date", "carer", "home", "card_expires")],
        relations=[{"kind": "kind", "valid_from": {"column": "at"}}],
    ),
    "cases": _mapping(
        "cases",
        events=[
            {
                "type": {"column": "step", "map": {"a": "applied", "g": "granted"}},
                "occurred_at": {"column": "at"},
                "case_type": _ABOUT,
            },
            *(_event(kind, case_type=_ABOUT) for kind in ("refused", "ended")),
            *(_event(kind) for kind in _WORK),
        ],
    ),
    "tax": _mapping("tax", events=[_event("bill", value="amount")], facts=[_fact("income")]),
}


def small_pack() -> Pack:
    """The pack; nothing delivers ``walk-in``, and no source knows of ``visit``."""
    return Pack(
        folder=Path("small"),
        domain=Domain.model_validate(DOMAIN),
        services={name: _service(more) for name, more in SERVICES.items()},
        parameters={name: Parameter.model_validate(one) for name, one in PARAMETERS.items()},
        life_events={name: LifeEvent.model_validate(one) for name, one in LIFE_EVENTS.items()},
        own_families=own_families(Path(__file__).parent / "small"),
        mappings={name: SourceMapping.model_validate(one) for name, one in MAPPINGS.items()},
    )


def _service(more: dict[str, Any]) -> Service:
    said = dict.fromkeys(("title", "description", "headline", "provider"), _SAID)
    return Service.model_validate({**said, "purpose": "support", **more})
