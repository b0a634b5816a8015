"""The identity vault: the one place that can go back from a pseudonym to a person.

Names, addresses and numbers are sealed under each citizen's own key. They are found by keyed
hashes: of the number, and of the first letters of each word of the name. Who reads one needs a
role that may, and every read is written in the audit with its purpose.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
from sqlalchemy import Connection, delete, func, insert, select, update

from serving.audit import Audit
from serving.database import Database
from serving.identity_parts import AS, PARTS, own_part, taken_in, without_strangers
from serving.schema import audit, vault, vault_index
from serving.sealing import Sealing, seal, unseal
from serving.security import Caller, Role

MAY_READ = (Role.CASEWORKER, Role.ADMIN)
MAY_EXPORT = (Role.OUTREACH, Role.ADMIN)
SYSTEM = Caller("voorzet", "Voorzet", frozenset({Role.ADMIN}))
"""Who stores identities during ingest."""

_USE = "identity"
_LONGEST_PREFIX = 5
_SHORTEST_PREFIX = 2
_AT_ONCE = 500
_MOST_CANDIDATES = 2000
_WHITE = " \t.,-'’/"
_NOT_PROTECTED = frozenset({"", "0", "false", "n", "nee", "no"})
_DATES = ("%Y-%m-%d", "%Y%m%d", "%d-%m-%Y")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a citizen is."""

    citizen: int
    name: str | None = None
    birth_date: date | None = None
    address: str | None = None
    postcode: str | None = None
    city: str | None = None
    phone: str | None = None
    email: str | None = None
    scheme: str | None = None
    identifier: str | None = None
    protected_address: bool = False


class Vault:
    """Stores and reads identities. It may be left empty: then there are only pseudonyms."""

    def __init__(self, database: Database, sealing: Sealing, audit: Audit) -> None:
        self._database = database
        self._sealing = sealing
        self._audit = audit

    def store(self, frame: pl.DataFrame) -> int:
        """Keep identities; what is in the vault already and unchanged is left alone.

        Parameters
        ----------
        frame
            ``citizen`` and any of the fields of :class:`Identity`; the last row of a citizen
            counts. Fields that are null do not wipe out what is known. ``delivered_as`` is the
            pseudonym that a row was delivered under, where that is an alias of the citizen.

        Returns
        -------
        The number of citizens that were new or changed.
        """
        known = [name for name in (*Identity.__slots__, AS) if name in frame.columns]
        each = ["citizen", AS] if AS in known else ["citizen"]
        latest = frame.select(known).unique(each, keep="last", maintain_order=True)
        changed = 0
        with self._database.write() as connection:
            for part in latest.iter_slices(5000):
                changed += self._store(connection, part.to_dicts())
            if changed:
                self._audit.record(f"store {changed} identities", by=SYSTEM, within=connection)
        return changed

    def read(self, citizens: Sequence[int], *, purpose: str, by: Caller) -> dict[int, Identity]:
        """Who the citizens are, as far as the vault knows. Each read is audited.

        Raises
        ------
        NotAllowedError
            When the caller is no caseworker.
        """
        by.require(*MAY_READ)
        return self._read_audited("read identity", citizens, purpose, by)

    def export(self, citizens: Sequence[int], *, purpose: str, by: Caller) -> dict[int, Identity]:
        """The same for an approved outreach export, for a role that may."""
        by.require(*MAY_EXPORT)
        return self._read_audited("export identity", citizens, purpose, by)

    def find_number(self, identifier: str) -> int | None:
        """The citizen with this identifier, without saying who that is."""
        token = self._sealing.hash("number", identifier.strip().zfill(9))
        with self._database.read() as connection:
            found = connection.execute(
                select(vault_index.c.citizen).where(vault_index.c.token == token)
            ).first()
        return None if found is None else int(found.citizen)

    def find_name(
        self,
        name: str,
        *,
        purpose: str,
        by: Caller,
        born: date | None = None,
        limit: int = 20,
    ) -> tuple[Identity, ...]:
        """Citizens with a name in which every word of ``name`` begins a word.

        At most ``limit``, by name. Those handed out are audited.
        """
        by.require(*MAY_READ)
        wanted = words(name)
        tokens = {self._sealing.hash("name", word[:_LONGEST_PREFIX]) for word in wanted}
        if not tokens:
            return ()
        hits = (
            select(vault_index.c.citizen)
            .where(vault_index.c.token.in_(tokens))
            .group_by(vault_index.c.citizen)
            .having(func.count() == len(tokens))
            .limit(_MOST_CANDIDATES)
        )
        with self._database.read() as connection:
            citizens = [int(row.citizen) for row in connection.execute(hits)]
            candidates = self._open(connection, citizens).values()
        fits = [
            identity
            for identity in candidates
            if (born is None or identity.birth_date == born)
            and _all_begin(wanted, words(identity.name or ""))
        ]
        fits.sort(key=lambda identity: (identity.name or "", identity.citizen))
        found = tuple(fits[:limit])
        self._audit.record(
            "find by name",
            by=by,
            citizens=[identity.citizen for identity in found],
            purpose=purpose,
        )
        return found

    def everybody(self, *, by: Caller) -> Iterator[Identity]:
        """Everyone in the vault, each as their own register knows them, for the linker alone.

        Audited as one reading of so many: it is about nobody in particular.
        """
        by.require(Role.ADMIN)
        self._audit.record(f"read {self.count()} identities to link them", by=by)
        with self._database.read() as connection:
            citizens = connection.execute(select(vault.c.citizen).order_by(vault.c.citizen))
            for part in _parts([int(row.citizen) for row in citizens]):
                for citizen, record in self._records(connection, list(part)).items():
                    yield _identity(citizen, own_part(record, citizen))

    def settle(
        self, citizens: Sequence[int], ends: Callable[[list[int]], list[int]], *, by: Caller
    ) -> int:
        """Give what was delivered about others than each of ``citizens`` to whom it is about.

        ``ends`` says who each pseudonym is by now. What was stored before it was noted who
        delivered it stays. Doing it again does nothing. Returns how many parts moved.
        """
        by.require(Role.ADMIN)
        with self._database.write() as connection:
            moving: list[tuple[int, dict[str, Any]]] = []
            for citizen, record in self._records(connection, list(citizens)).items():
                left, parts = without_strangers(record, citizen, ends)
                moving += parts
                if parts:
                    self._rewrite(connection, citizen, left)
            for end, fields in moving:
                held = self._records(connection, [end]).get(end, {})
                self._rewrite(connection, end, taken_in(held, fields, end))
            if moving:
                touched = [*citizens, *(end for end, _ in moving)]
                self._audit.record("split identity", by=by, citizens=touched, within=connection)
        return len(moving)

    def count(self) -> int:
        """How many citizens are in the vault."""
        with self._database.read() as connection:
            return int(connection.execute(select(func.count()).select_from(vault)).scalar_one())

    def erase(self, citizens: Sequence[int], *, by: Caller) -> None:
        """Destroy the citizens' keys and identities; what was sealed can never be read again."""
        by.require(Role.ADMIN)
        gone = list(citizens)
        with self._database.write() as connection:
            for part in _parts(gone):
                connection.execute(delete(vault).where(vault.c.citizen.in_(part)))
                connection.execute(delete(vault_index).where(vault_index.c.citizen.in_(part)))
            self._sealing.destroy_keys(connection, gone)
            self._audit.record(f"erase {len(gone)} identities", by=by, within=connection)
            nameless = sum(
                connection.execute(
                    update(audit).where(audit.c.citizen.in_(part)).values(citizen=None)
                ).rowcount
                for part in _parts(gone)
            )
            self._audit.forget(nameless, by=by, within=connection)

    def _read_audited(
        self, action: str, citizens: Sequence[int], purpose: str, by: Caller
    ) -> dict[int, Identity]:
        with self._database.read() as connection:
            found = self._open(connection, list(citizens))
        if found:
            self._audit.record(action, by=by, citizens=list(found), purpose=purpose)
        return found

    def _open(self, connection: Connection, citizens: list[int]) -> dict[int, Identity]:
        records = self._records(connection, citizens)
        return {citizen: _identity(citizen, record) for citizen, record in records.items()}

    def _records(self, connection: Connection, citizens: list[int]) -> dict[int, dict[str, Any]]:
        """What is sealed of each citizen, opened."""
        keys = self._sealing.keys(connection, citizens)
        found: dict[int, dict[str, Any]] = {}
        for part in _parts(citizens):
            query = select(vault.c.citizen, vault.c.sealed).where(vault.c.citizen.in_(part))
            for row in connection.execute(query):
                if row.citizen in keys:
                    text = unseal(keys[row.citizen], row.sealed, row.citizen, _USE)
                    found[row.citizen] = json.loads(text)
        return found

    def _store(self, connection: Connection, rows: list[dict[str, Any]]) -> int:
        citizens = list(dict.fromkeys(row["citizen"] for row in rows))
        before = self._fingerprints(connection, citizens)
        records = self._records(connection, [citizen for citizen in citizens if citizen in before])
        for row in rows:
            citizen, told = row["citizen"], _delivered(row)
            told.pop("citizen")
            records[citizen] = taken_in(records.get(citizen, {}), told, citizen)
        return self._write(connection, records, before)

    def _rewrite(self, connection: Connection, citizen: int, record: dict[str, Any]) -> None:
        self._write(connection, {citizen: record}, self._fingerprints(connection, [citizen]))

    def _write(
        self,
        connection: Connection,
        records: dict[int, dict[str, Any]],
        before: dict[int, bytes],
    ) -> int:
        """Seal the records that differ from what was sealed ``before``; how many did."""
        keys = self._sealing.make_keys(connection, list(records))
        sealed, tokens = [], []
        for citizen, record in records.items():
            text = _json(record)
            fingerprint = self._sealing.hash("fingerprint", text)
            if before.get(citizen) == fingerprint:
                continue
            sealed.append(
                {
                    "citizen": citizen,
                    "sealed": seal(keys[citizen], text, citizen, _USE),
                    "fingerprint": fingerprint,
                }
            )
            tokens += [{"token": token, "citizen": citizen} for token in self._tokens(record)]
        self._replace(connection, sealed, tokens, before)
        return len(sealed)

    def _replace(
        self,
        connection: Connection,
        sealed: list[dict[str, Any]],
        tokens: list[dict[str, Any]],
        before: dict[int, bytes],
    ) -> None:
        old = [row["citizen"] for row in sealed if row["citizen"] in before]
        for part in _parts(old):
            connection.execute(delete(vault).where(vault.c.citizen.in_(part)))
            connection.execute(delete(vault_index).where(vault_index.c.citizen.in_(part)))
        if sealed:
            connection.execute(insert(vault), sealed)
        if tokens:
            connection.execute(insert(vault_index), tokens)

    def _fingerprints(self, connection: Connection, citizens: list[int]) -> dict[int, bytes]:
        found: dict[int, bytes] = {}
        for part in _parts(citizens):
            query = select(vault.c.citizen, vault.c.fingerprint).where(vault.c.citizen.in_(part))
            found |= {row.citizen: row.fingerprint for row in connection.execute(query)}
        return found

    def _tokens(self, fields: dict[str, Any]) -> set[bytes]:
        """The hashes that a citizen is found by."""
        tokens = {
            self._sealing.hash("name", word[:length])
            for word in words(fields.get("name") or "")
            for length in range(_SHORTEST_PREFIX, min(len(word), _LONGEST_PREFIX) + 1)
        }
        if fields.get("identifier"):
            tokens.add(self._sealing.hash("number", str(fields["identifier"]).zfill(9)))
        return tokens


def words(name: str) -> list[str]:
    """The words of a name to search by: without case, accents and initials."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    for white in _WHITE:
        letters = letters.replace(white, " ")
    return [word for word in letters.split() if len(word) >= _SHORTEST_PREFIX]


def _all_begin(wanted: Iterable[str], names: Sequence[str]) -> bool:
    return all(any(name.startswith(word) for name in names) for word in wanted)


def _delivered(row: dict[str, Any]) -> dict[str, Any]:
    """What a source says of an identity, its texts read: dates, and whether the address is
    protected (which it is unless the source plainly says not).
    """
    fields = {key: value for key, value in row.items() if value is not None}
    if isinstance(hidden := fields.get("protected_address"), str):
        fields["protected_address"] = hidden.strip().casefold() not in _NOT_PROTECTED
    if isinstance(born := fields.get("birth_date"), str):
        fields["birth_date"] = _birth_date(born.strip())
    return {key: value for key, value in fields.items() if value is not None}


def _birth_date(text: str) -> date | None:
    """A whole date; None for one that is partly unknown."""
    for form in _DATES:
        try:
            return datetime.strptime(text[:10], form).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    return None


def _json(fields: dict[str, Any]) -> str:
    kept = {key: value for key, value in fields.items() if value not in (None, False, "")}
    return json.dumps(kept, ensure_ascii=False, sort_keys=True, default=str)


def _identity(citizen: int, record: dict[str, Any]) -> Identity:
    fields = {key: value for key, value in record.items() if key != PARTS}
    born = fields.pop("birth_date", None)
    return Identity(
        citizen=citizen, birth_date=date.fromisoformat(born[:10]) if born else None, **fields
    )


def _parts(citizens: Sequence[int]) -> Iterable[Sequence[int]]:
    return (citizens[start : start + _AT_ONCE] for start in range(0, len(citizens), _AT_ONCE))
