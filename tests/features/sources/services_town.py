"""A town whose sources send messages, answer requests and keep databases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl

from features.domain import Domain
from features.ingest import IngestReport, ingest
from features.lake import Lake
from features.pack import Pack
from features.sources.mapping import FileMapping, SourceMapping
from tests.features.silos import DOMAIN, NOW, PSEUDONYMS, bsn

RECORDED = Path(__file__).parent / "recorded"
ANN, BOB, CAS = bsn(12345678), bsn(76543210), bsn(33445566)

_SOURCES = ("register", "cases", "notices", "contact", "debts")
_EVENTS = (
    "moved",
    "died",
    "case-opened",
    "case-step",
    "case-planned",
    "case-suspended",
    "case-closed",
    "case-handover",
    "case-changed",
    "granted",
    "decided",
    "decision-withdrawn",
    "contact-made",
    "contact-failed",
    "arrears",
)

_ROLES = {
    "case-opened": "case-opened",
    "case-step": "case-step",
    "case-suspended": "case-suspended",
    "case-closed": "case-closed",
    "case-handover": "case-handover",
    "granted": "granted",
    "contact-made": "contact",
    "contact-failed": "contact-failed",
    "arrears": "arrears",
}

REGISTER: dict[str, Any] = {
    "name": "brp",
    "path": "brp*.json*",
    "format": "cloudevents",
    "subject": {"column": "data.burgerservicenummer", "scheme": "bsn"},
    "identity": {"name": "data.naam.sub.geslachtsnaam"},
    "events": [
        {
            "type": {
                "column": "type",
                "map": {"nl.brp.verhuisd.intergemeentelijk": "moved", "nl.brp.overleden": "died"},
            },
            "event_id": ["source", "id"],
            "occurred_at": {"column": "data.datumIngang", "granularity": "day"},
            "known_at": {"column": "time"},
            "value": "data.meeverhuisd",
            "attributes": {"town": "data.adres.gemeente.naam"},
        }
    ],
}

CASES: dict[str, Any] = {
    "name": "cases",
    "path": "zaken*.json*",
    "format": "zgw-cases",
    "subject": {"column": "initiator.inpBsn", "scheme": "bsn"},
    "identity": {"name": "initiator.geslachtsnaam"},
    "events": [
        {
            "type": {
                "column": "happening",
                "map": {
                    "opened": "case-opened",
                    "status": "case-step",
                    "planned": "case-planned",
                    "suspended": "case-suspended",
                    "role": "case-handover",
                    "closed": "case-closed",
                    "decision": "decided",
                    "decision-withdrawn": "decision-withdrawn",
                },
            },
            "when": "happening <> 'result' AND NOT (happening = 'role' AND \"role.actor\" IS NULL)",
            "event_id": ["id"],
            "occurred_at": {"column": "moment"},
            "known_at": {"column": "known"},
            "case_id": "zaak.identificatie",
            "case_type": {"column": "zaaktype.identificatie", "map": {"BIJZ": "rent-help"}},
            "actor": {"sql": 'COALESCE("status.actor", "role.actor")'},
            "attributes": {
                "step": "statustype.omschrijving",
                "planned_end": "zaak.einddatumGepland",
                "latest_end": "zaak.uiterlijkeEinddatumAfdoening",
                "extension": "zaak.verlenging.duur",
                "suspended": "zaak.opschorting.indicatie",
                "from": "besluit.ingangsdatum",
            },
        },
        {
            "type": {"column": "resultaattype.omschrijving", "map": {"Toegekend": "granted"}},
            "when": "happening = 'result'",
            "event_id": ["id"],
            "occurred_at": {"column": "moment", "granularity": "day"},
            "known_at": {"column": "known"},
            "case_id": "zaak.identificatie",
            "case_type": {"column": "zaaktype.identificatie", "map": {"BIJZ": "rent-help"}},
        },
    ],
}

NOTICES: dict[str, Any] = {
    "name": "notices",
    "path": "notificaties*.json*",
    "format": "zgw-notifications",
    "subject": {"column": "subject", "scheme": "case"},
    "events": [
        {
            "type": {"const": "case-changed"},
            "event_id": ["id"],
            "occurred_at": {"column": "time"},
            "attributes": {"kind": "type", "organisation": "data.kenmerken.bronorganisatie"},
        }
    ],
}

CONTACT: dict[str, Any] = {
    "name": "contacts",
    "path": "klantcontacten*.json*",
    "format": "open-klant",
    "subject": {"column": "bsn", "scheme": "bsn"},
    "events": [
        {
            "type": {
                "column": "indicatieContactGelukt",
                "map": {"true": "contact-made", "false": "contact-failed"},
            },
            "event_id": ["id"],
            "occurred_at": {"column": "plaatsgevondenOp"},
            "channel": {"column": "kanaal", "map": {"telefoon": "phone", "balie": "desk"}},
            "team": "actor.naam",
            "attributes": {"subject": "onderwerp", "language": "taal"},
        }
    ],
}

DEBTS: dict[str, Any] = {
    "name": "arrears",
    "format": "sql",
    "query": "SELECT id, bsn, since, amount, changed FROM arrears",
    "watermark": "changed",
    "subject": {"column": "bsn", "scheme": "bsn"},
    "events": [
        {
            "type": {"const": "arrears"},
            "event_id": ["id"],
            "occurred_at": {"column": "since", "granularity": "day"},
            "known_at": {"column": "changed"},
            "value": "amount",
        }
    ],
}

_SERVICE: dict[str, Any] = {
    "title": {"en": "Help with the rent"},
    "description": {"en": "A contribution to the rent."},
    "headline": {"en": "Help with the rent may fit {citizen}"},
    "provider": {"en": "The town"},
    "purpose": "support",
    "criteria": [
        {
            "id": "insured",
            "sql": "insured",
            "text": {"en": "Is insured."},
            "question": {"en": "Is there an insurance?"},
        }
    ],
}

MAPPINGS = {
    "register": REGISTER,
    "cases": CASES,
    "notices": NOTICES,
    "contact": CONTACT,
    "debts": DEBTS,
}


def mapping(source: str, **changed: Any) -> FileMapping:
    """The one mapping of ``source``, with keys changed."""
    return FileMapping.model_validate(MAPPINGS[source] | changed)


def services_town(**changed: dict[str, Any]) -> Pack:
    """The pack; a keyword replaces the mapping of a source."""
    return Pack(
        folder=Path(),
        domain=Domain.model_validate(_domain()),
        services={},
        mappings={
            name: SourceMapping.model_validate({"source": name, "files": [file]})
            for name, file in (MAPPINGS | changed).items()
        },
    )


def write_pack(folder: Path, **changed: dict[str, Any]) -> Path:
    """The pack as its files (JSON is YAML too)."""
    (folder / "sources").mkdir(parents=True)
    (folder / "domain.yaml").write_text(json.dumps(_domain()))
    (folder / "services.yaml").write_text(json.dumps({"services": {"rent-help": _SERVICE}}))
    for name, file in (MAPPINGS | changed).items():
        told = json.dumps({"source": name, "files": [file]})
        (folder / "sources" / f"{name}.yaml").write_text(told)
    return folder


def _domain() -> dict[str, Any]:
    return DOMAIN | {
        "sources": dict.fromkeys(_SOURCES, DOMAIN["sources"]["register"]),
        "event_types": {
            name: {"title": {"en": name}, "role": _ROLES.get(name)} for name in _EVENTS
        },
        "channels": {name: {"title": {"en": name}} for name in ("phone", "desk")},
        "identifiers": {"bsn": "bsn", "case": "opaque"},
    }


def run(lake: Lake, data: Path, **changed: dict[str, Any]) -> IngestReport:
    """An ingest of ``data`` into ``lake``."""
    return ingest(services_town(**changed), lake, PSEUDONYMS, data, now=NOW)


def events(lake: Lake) -> pl.DataFrame:
    """The events of the lake in the order in which they happened."""
    return lake.scan("events").collect().sort("occurred_at", "event_id")


def recorded(name: str) -> Any:
    """A recorded answer."""
    return json.loads((RECORDED / name).read_text())


def recorded_lines(name: str) -> list[dict[str, Any]]:
    """The recorded messages of a file of one a line."""
    return [json.loads(line) for line in (RECORDED / name).read_text().splitlines()]
