"""Klantcontacten of Open Klant (Klantinteracties API) as rows: one for each person in a contact.

A klantcontact comes with its betrokkenen under ``_expand.hadBetrokkenen``, theirs under
``wasPartij``, and those of a partij under ``partijIdentificatoren``, as the API expands them. A
row has the contact's own columns (``kanaal``, ``onderwerp``, ``indicatieContactGelukt``,
``taal``, ``plaatsgevondenOp``, …), ``id`` (of this person in this contact), ``betrokkene.…``
(``rol``, ``initiator``, ``volledigeNaam``), ``partij.…`` (``nummer``, ``soortPartij``,
``voorkeurstaal``), ``bsn`` where the person's identifiers tell it, and ``actor.naam``. What was
said (``inhoud``, ``reactie``) is not handed on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from features.quarantine import Reason
from features.sources.chunks import Chunk
from features.sources.json_files import LARGEST_DOCUMENT, Json, NoMessage, messages
from features.sources.mapping import FileMapping
from features.sources.messages import Row, chunks, flattened
from features.sources.pages import every_item

_HIDDEN = ("inhoud", "reactie", "_expand", "hadBetrokkenen", "hadBetrokkenActoren", "metadata")
_OF_PERSON = ("uuid", "rol", "initiator", "volledigeNaam", "organisatienaam")
_OF_PARTY = ("uuid", "nummer", "soortPartij", "voorkeurstaal")
_CUSTOMER = "klant"


def read_klantcontacten(path: Path, mapping: FileMapping, columns: list[str]) -> Iterator[Chunk]:
    """The contacts of a file (one a line, an array, or the pages of the API)."""
    found = every_item(messages(path, LARGEST_DOCUMENT))
    return chunks(found, contact_rows, columns, mapping.null_values)


def contact_rows(contact: Json) -> Iterable[Row]:
    """A row for each customer in the contact; one without a person when it names none.

    Raises
    ------
    NoMessage
        When it is no klantcontact.
    """
    name = contact.get("uuid")
    if not isinstance(name, str) or not name.strip():
        raise NoMessage(Reason.INVALID_MESSAGE, "uuid")
    if not isinstance(contact.get("kanaal"), str):
        raise NoMessage(Reason.INVALID_MESSAGE, "kanaal")
    own = flattened({key: value for key, value in contact.items() if key not in _HIDDEN})
    own["id"] = name
    actors = _objects(contact.get("hadBetrokkenActoren"))
    own |= flattened({"naam": actors[0].get("naam")} if actors else {}, "actor")
    people = _objects(_expanded(contact).get("hadBetrokkenen"))
    customers = [person for person in people if person.get("rol") in (_CUSTOMER, None)]
    if not customers:
        return [own]
    return [own | _person(name, person) for person in customers]


def _person(contact: str, person: Json) -> dict[str, str | None]:
    party = _object(_expanded(person).get("wasPartij") or person.get("wasPartij"))
    named = flattened({key: person.get(key) for key in _OF_PERSON}, "betrokkene")
    named |= flattened({key: party.get(key) for key in _OF_PARTY}, "partij")
    named |= {"id": f"{contact}/{person.get('uuid', '')}", "bsn": _bsn(party)}
    return named


def _bsn(party: Json) -> str | None:
    """The BSN among the identifiers of a party, which may or may not be expanded."""
    found = (
        _expanded(party).get("partijIdentificatoren"),
        party.get("partijIdentificatoren"),
    )
    for identifier in (item for items in found for item in _objects(items)):
        said = _object(identifier.get("partijIdentificator"))
        if said.get("codeSoortObjectId") == "bsn":
            return flattened(said).get("objectId")
    return None


def _expanded(resource: Json) -> Json:
    return _object(resource.get("_expand"))


def _object(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _objects(value: Any) -> list[Json]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
