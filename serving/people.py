"""People: finding a citizen, and the head of their page."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from features.departures import deaths
from features.facts_at import facts_at
from features.happenings import birth_fact
from features.pack import Pack
from features.pseudonyms import Pseudonyms, bsn_valid
from features.records import Records
from features.timeline import read_records
from serving.answers import Found, Person, Representative
from serving.audit import Audit
from serving.catalogue import CatalogueView
from serving.errors import (
    InvalidDateError,
    InvalidNumberError,
    InvalidRequestError,
    UnknownCitizenError,
)
from serving.fact_texts import category_text
from serving.identities import Identity, Vault
from serving.objections import Objections
from serving.representatives import Representatives
from serving.security import Caller, Role
from serving.standpoint import LakeView

_DATE = re.compile(r"\b(\d{4}-\d{2}-\d{2})\b")
_NUMBER = re.compile(r"-?\d[\d .]*")
_BSN_LENGTHS = (8, 9)


@dataclass(frozen=True)
class People:
    """Finds citizens and says who they are, to those who may know."""

    pack: Pack
    lakes: LakeView
    vault: Vault
    pseudonyms: Pseudonyms
    objections: Objections
    audit: Audit
    catalogue: CatalogueView
    now: Callable[[], datetime]

    def find(self, query: str, *, purpose: str, by: Caller, limit: int) -> tuple[Found, ...]:
        """Citizens by number, name (with a birth date if need be) or pseudonym.

        What is typed as a number of eight or nine digits is read as an identifier; other numbers
        as a pseudonym. Nobody is hidden by a low score.

        Raises
        ------
        InvalidNumberError
            When nobody is found by a number that is as long as a BSN, and is none.
        InvalidDateError
            When the birth date is no date.
        """
        by.require(Role.CASEWORKER)
        self.catalogue.require(purpose, self.pack.languages[0])
        asked = query.strip()
        if _NUMBER.fullmatch(asked):
            return self._by_number(asked, purpose, by)
        born = _DATE.search(asked)
        name = _DATE.sub("", asked).strip()
        found = self.vault.find_name(
            name, born=_date(born.group(1)) if born else None, purpose=purpose, by=by, limit=limit
        )
        return tuple(_found(identity) for identity in found)

    def identify(self, scheme: str, value: str, *, purpose: str, by: Caller) -> int:
        """The citizen behind an identifier of a silo.

        Raises
        ------
        InvalidRequestError
            When the pack has no such scheme, or ``value`` is no number of it
            (InvalidNumberError).
        UnknownCitizenError
            When nothing is known of this identifier.
        """
        by.require(Role.CASEWORKER, Role.OUTREACH)
        self.catalogue.require(purpose, self.pack.languages[0])
        if scheme not in self.pack.domain.identifiers:
            known = ", ".join(self.pack.domain.identifiers)
            raise InvalidRequestError(f"There is no identifier scheme {scheme!r}; we know {known}.")
        if self.pack.domain.identifiers[scheme] == "bsn" and not _is_bsn(value):
            raise InvalidNumberError(_NO_BSN)
        citizen = self._canonical(self.pseudonyms.one(scheme, value))
        if not self._is_known(citizen):
            raise UnknownCitizenError("Nobody is known here under this identifier.")
        self.audit.record(f"identify by {scheme}", by=by, citizens=[citizen], purpose=purpose)
        return citizen

    def person(self, citizen: int, *, language: str, purpose: str, by: Caller) -> Person:
        """Who the citizen is, with objections and how many people looked."""
        by.require(Role.CASEWORKER)
        self.catalogue.require(purpose, language)
        identity = self.vault.read([citizen], purpose=purpose, by=by).get(citizen)
        if identity is None and not self._is_known(citizen):
            raise UnknownCitizenError("Nobody is known here under this pseudonym.")
        records = read_records(self.lakes.current(), self.pack, self.now(), [citizen])
        facts: dict[str, Any] = facts_at(records, self.pack).row(0, named=True)
        channel = self.pack.domain.channels.get(facts.get("preferred_channel") or "")
        speaks = facts.get("language")
        who = identity or Identity(citizen)
        born = who.birth_date or facts.get(birth_fact(self.pack))
        hidden = who.protected_address
        died = self._died(records, purpose)
        return Person(
            citizen=citizen,
            name=who.name,
            birth_date=born,
            age=_age(born, died or self._today()),
            died=died,
            address=None if hidden else who.address,
            postcode=None if hidden else who.postcode,
            city=None if hidden else who.city,
            phone=who.phone,
            email=who.email,
            protected_address=hidden,
            prefers=self.pack.say(channel.title, language) if channel else None,
            speaks=category_text(self.pack, "language", speaks, language) if speaks else None,
            representatives=Representatives(self.pack, self.vault).of(
                records, language=language, purpose=purpose, by=by
            ),
            objections=self.objections.of(citizen),
            looked=self.audit.lookers(citizen),
        )

    def _died(self, records: Records, purpose: str) -> date | None:
        """The day on which the one citizen of ``records`` died."""
        told = records.told_by(self.pack.sources_for(purpose))
        found = deaths(told.events, self.pack, told.as_of)
        return None if found.is_empty() else self._day(found["occurred_at"][0])

    def representatives(
        self, citizen: int, *, language: str, purpose: str, by: Caller
    ) -> tuple[Representative, ...]:
        """Who speaks or decides for the citizen, as the head of their page tells it."""
        by.require(Role.CASEWORKER)
        self.catalogue.require(purpose, language)
        if not self.pack.domain.representatives:
            return ()
        records = read_records(self.lakes.current(), self.pack, self.now(), [citizen])
        return Representatives(self.pack, self.vault).of(
            records, language=language, purpose=purpose, by=by
        )

    def _by_number(self, asked: str, purpose: str, by: Caller) -> tuple[Found, ...]:
        digits = re.sub(r"[ .]", "", asked)
        citizens = [int(digits)] if -(2**63) <= int(digits) < 2**63 else []
        if len(digits) in _BSN_LENGTHS and not digits.startswith("-"):
            citizens = [
                self._canonical(self.pseudonyms.one(scheme, digits))
                for scheme in self.pack.domain.identifiers
            ]
        known = [citizen for citizen in dict.fromkeys(citizens) if self._is_known(citizen)]
        if not known:
            self.audit.record("find by number", by=by, purpose=purpose)
            if self._could_be_bsn(digits) and not _is_bsn(digits):
                raise InvalidNumberError(_NO_BSN)
            return ()
        self.audit.record("find by number", by=by, citizens=known, purpose=purpose)
        who = self.vault.read(known, purpose=purpose, by=by)
        return tuple(_found(who.get(citizen, Identity(citizen))) for citizen in known)

    def _could_be_bsn(self, digits: str) -> bool:
        known = "bsn" in self.pack.domain.identifiers.values()
        return known and len(digits) in _BSN_LENGTHS and not digits.startswith("-")

    def _canonical(self, citizen: int) -> int:
        """The citizen that a silo's own number was linked to, or the number itself."""
        linked = (
            self.lakes.current()
            .scan("links")
            .filter(pl.col("alias") == citizen)
            .select("citizen")
            .head(1)
            .collect()
        )
        return citizen if linked.is_empty() else int(linked.item())

    def _is_known(self, citizen: int) -> bool:
        lake = self.lakes.current()
        return any(not lake.citizen(table, citizen).is_empty() for table in _TABLES)

    def _today(self) -> date:
        return self._day(self.now())

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(ZoneInfo(self.pack.domain.time_zone)).date()


_NO_BSN = (
    "Nobody has this number, and it is no BSN: it does not pass the 11-test. Check its digits."
)
_TABLES = ("facts", "events")


def _found(identity: Identity) -> Found:
    return Found(
        citizen=identity.citizen,
        name=identity.name,
        birth_date=identity.birth_date,
        city=None if identity.protected_address else identity.city,
    )


def _is_bsn(number: str) -> bool:
    return bool(bsn_valid(pl.Series([number]))[0])


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidDateError(f"{text} is not a date. Write it as 1957-01-02.") from None


def _age(born: date | None, today: date) -> int | None:
    if born is None:
        return None
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
