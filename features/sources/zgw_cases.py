"""ZGW cases (Zaken API, Besluiten API) as rows: what happened in each, one row a happening.

A case is a Zaak with what belongs to it under ``_expand``, as the API expands it: ``rollen``,
``status`` or ``statussen`` (the whole history), ``resultaat``, ``besluiten``, ``zaaktype``, and
within those ``statustype``, ``resultaattype``, ``besluittype``.

The standard's resources are states, and a state that is fetched again may have moved on; a
happening stays what it was. So every row has an ``id`` that holds what it tells, and fetching a
case again adds only what is new:

========================  ====================================================================
``happening``             ``moment``; its own columns
========================  ====================================================================
``opened``                startdatum
``status``                datumStatusGezet; ``status.…``, ``statustype.…``, ``status.actor``
``planned``               of the latest status; all of ``zaak.…``: einddatumGepland,
                          uiterlijkeEinddatumAfdoening, verlenging.duur, opschorting.indicatie
``suspended``             of the latest status, while opschorting.indicatie holds; as ``planned``
``role``                  registratiedatum; ``role.…``
``result``                einddatum, once there is one; ``resultaat.…``, ``resultaattype.…``
``closed``                einddatum
``decision``              datum; ``besluit.…``, ``besluittype.…``
``decision-withdrawn``    vervaldatum, where vervalreden is ingetrokken_…; as ``decision``
========================  ====================================================================

The standard gives no date to an extension, a suspension or a new plan: they are told under the
latest status that was there when they were seen. Beside its own columns every row has
``happening``, ``id``, ``moment``, ``known``, the lasting ones of the case (``zaak.…``,
``zaaktype.…``) and ``initiator.…`` (``initiator.inpBsn``): the natural person who began it.
Notes (omschrijving, toelichting) are not handed on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from features.quarantine import Reason
from features.sources.chunks import Chunk
from features.sources.json_files import LARGEST_DOCUMENT, Json, NoMessage, messages
from features.sources.mapping import FileMapping
from features.sources.messages import Row, chunks, flattened
from features.sources.pages import every_item
from features.sources.zgw_notifications import last_part

ANNOUNCED = "\0announced"
"""The key under which a case carries when its latest change was announced."""

_LASTING = (
    "uuid",
    "url",
    "identificatie",
    "bronorganisatie",
    "verantwoordelijkeOrganisatie",
    "zaaktype",
    "registratiedatum",
    "startdatum",
    "communicatiekanaal",
    "hoofdzaak",
)
_PLANS = ("einddatumGepland", "uiterlijkeEinddatumAfdoening")
_NOTES = ("omschrijving", "toelichting", "statustoelichting", "roltoelichting", "_expand")
_WITHDRAWN = ("ingetrokken_overheid", "ingetrokken_belanghebbende")


def read_cases(path: Path, mapping: FileMapping, columns: list[str]) -> Iterator[Chunk]:
    """The happenings of the cases of a file (one a line, an array, or the pages of the API)."""
    found = every_item(messages(path, LARGEST_DOCUMENT))
    return chunks(found, case_rows, columns, mapping.null_values)


def case_rows(case: Json) -> Iterable[Row]:
    """The happenings of one case; raises NoMessage when it is none."""
    told = _Case(case)
    return list(
        chain(
            told.opened(),
            told.roles(),
            told.statuses(),
            told.plans(),
            told.outcome(),
            told.decisions(),
        )
    )


class _Case:
    """One case, read for what happened in it."""

    def __init__(self, case: Json) -> None:
        self._case = case
        self._more = _object(case.get("_expand"))
        self.id = _identity(case)
        if not isinstance(case.get("startdatum"), str):
            raise NoMessage(Reason.INVALID_MESSAGE, "startdatum")
        self._roles = _objects(self._more.get("rollen"))
        self._announced = case.get(ANNOUNCED)
        self._shared = (
            flattened({name: case.get(name) for name in _LASTING}, "zaak")
            | {"zaak.uuid": self.id}
            | _described(self._more.get("zaaktype"), "zaaktype")
            | self._initiator()
        )
        self._history = self._statuses()

    def opened(self) -> Iterator[Row]:
        """The case began."""
        yield self._row(
            "opened",
            f"{self.id}/opened",
            self._case["startdatum"],
            known=self._case.get("registratiedatum"),
        )

    def statuses(self) -> Iterator[Row]:
        """It came into a status."""
        actors = {role.get("url"): _employee(role) for role in self._roles}
        for status in self._history:
            own = flattened(_without_notes(status), "status")
            own["status.actor"] = actors.get(status.get("gezetDoor"))
            own |= _described(_object(status.get("_expand")).get("statustype"), "statustype")
            yield self._row("status", _identity(status), status["datumStatusGezet"], own)

    def plans(self) -> Iterator[Row]:
        """What is planned now, and whether it is suspended, told under the latest status."""
        under = self._case["startdatum"]
        if self._history:
            under = self._history[-1]["datumStatusGezet"]
        own = flattened(_without_notes(self._case), "zaak")
        plan = [own.get(f"zaak.{name}") for name in _PLANS]
        plan += [own.get("zaak.verlenging.duur"), own.get("zaak.opschorting.indicatie")]
        if any(plan):
            name = "/".join(part or "" for part in (self.id, "planned", under, *plan))
            yield self._row("planned", name, under, own)
        if own.get("zaak.opschorting.indicatie") == "true":
            yield self._row("suspended", f"{self.id}/suspended/{under}", under, own)

    def roles(self) -> Iterator[Row]:
        """Someone took a part in it."""
        for role in self._roles:
            own = flattened(
                {
                    name: role.get(name)
                    for name in ("betrokkeneType", "roltype", "omschrijvingGeneriek")
                },
                "role",
            )
            own["role.actor"] = _employee(role)
            yield self._row("role", _identity(role), role.get("registratiedatum"), own)

    def outcome(self) -> Iterator[Row]:
        """It had a result, and was closed."""
        ended = self._case.get("einddatum")
        if not ended:
            return
        result = _object(self._more.get("resultaat"))
        own = flattened(_without_notes(result), "resultaat")
        own |= _described(_object(result.get("_expand")).get("resultaattype"), "resultaattype")
        # The day it ended is that of its last status, which has an hour.
        last = self._history[-1]["datumStatusGezet"] if self._history else ended
        known = max(str(ended), str(last))
        if result:
            yield self._row("result", _identity(result), ended, own, known=known)
        yield self._row("closed", f"{self.id}/closed/{ended}", ended, known=known)

    def decisions(self) -> Iterator[Row]:
        """It was decided on; the decision was withdrawn."""
        for decision in _objects(self._more.get("besluiten")):
            name = _identity(decision)
            own = flattened(_without_notes(decision), "besluit")
            own |= _described(_object(decision.get("_expand")).get("besluittype"), "besluittype")
            lasting = own | {"besluit.vervaldatum": None, "besluit.vervalreden": None}
            yield self._row("decision", name, decision.get("datum"), lasting)
            if own.get("besluit.vervalreden") in _WITHDRAWN:
                ended = own.get("besluit.vervaldatum")
                yield self._row("decision-withdrawn", f"{name}/withdrawn/{ended}", ended, own)

    def _row(
        self,
        happening: str,
        name: str,
        moment: Any,
        own: Row | None = None,
        *,
        known: Any = None,
    ) -> Row:
        about = {"happening": happening, "id": name, "moment": moment}
        about["known"] = self._announced or known or moment
        return self._shared | (dict(own) if own else {}) | flattened(about)

    def _statuses(self) -> list[Json]:
        """The statuses, from the first to the latest."""
        found = _objects(self._more.get("statussen")) or _objects([self._more.get("status")])
        for status in found:
            if not isinstance(status.get("datumStatusGezet"), str):
                raise NoMessage(Reason.INVALID_MESSAGE, "datumStatusGezet")
        return sorted(found, key=lambda status: str(status["datumStatusGezet"]))

    def _initiator(self) -> dict[str, str | None]:
        for role in self._roles:
            if (
                role.get("betrokkeneType") == "natuurlijk_persoon"
                and role.get("omschrijvingGeneriek") == "initiator"
            ):
                return flattened(_object(role.get("betrokkeneIdentificatie")), "initiator")
        return {}


def _employee(role: Json) -> str | None:
    """The name by which the organisation knows its employee; None for anybody else."""
    if role.get("betrokkeneType") != "medewerker":
        return None
    return flattened(_object(role.get("betrokkeneIdentificatie"))).get("identificatie")


def _described(kind: Any, name: str) -> dict[str, str | None]:
    """A type of the catalogue: what it is called and how long it may take."""
    said = {
        key: value for key, value in _object(kind).items() if not isinstance(value, dict | list)
    }
    return flattened(said, name)


def _identity(resource: Json) -> str:
    """The UUID of a resource, given or in its address."""
    for given in (resource.get("uuid"), last_part(str(resource.get("url") or ""))):
        if isinstance(given, str) and given.strip():
            return given
    raise NoMessage(Reason.INVALID_MESSAGE, "uuid")


def _without_notes(resource: Json) -> Json:
    hidden = (*_NOTES, ANNOUNCED)
    return {name: value for name, value in resource.items() if name not in hidden}


def _object(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _objects(value: Any) -> list[Json]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
