"""Decisions: what a person did with a suggestion, stored once, remembered as long as it counts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection, Row, bindparam, insert, select

from features.catalogue import Reason
from features.pack import Pack
from serving.answers import Decision, Outcome
from serving.audit import Audit
from serving.database import Database
from serving.errors import ConflictError, InvalidRequestError, UnknownSuggestionError
from serving.ledger import suggestion_of
from serving.schema import decisions
from serving.sealing import Sealing, seal, unseal
from serving.security import Caller, Role

LONGEST_DEFERRAL = timedelta(days=730)
LONGEST_COMMENT = 2000


class Decisions:
    """Stores decisions and reads them back."""

    def __init__(
        self,
        pack: Pack,
        database: Database,
        sealing: Sealing,
        audit: Audit,
        now: Callable[[], datetime],
    ) -> None:
        self._pack = pack
        self._database = database
        self._sealing = sealing
        self._audit = audit
        self._now = now

    def decide(
        self,
        suggestion: UUID,
        outcome: Outcome,
        *,
        by: Caller,
        language: str,
        reason: str | None = None,
        comment: str | None = None,
        until: date | None = None,
        key: str | None = None,
    ) -> Decision:
        """Store a decision. The same ``key`` by the same caller gives the stored one back.

        Raises
        ------
        UnknownSuggestionError
            When no such card was shown.
        InvalidRequestError
            When a deferral has no day to come, or an override no reason of the service's own.
        ConflictError
            When the key was used before for another decision.
        """
        by.require(Role.CASEWORKER)
        with self._database.write() as connection:
            asked = suggestion_of(connection, suggestion)
            if asked is None:
                raise UnknownSuggestionError("There is no such suggestion.")
            chosen = self._reason(asked["service"], outcome, reason)
            row: dict[str, Any] = {
                "id": uuid4(),
                "suggestion": suggestion,
                "citizen": asked["citizen"],
                "service": asked["service"],
                "outcome": outcome.value,
                "reason": reason,
                "until": self._until(outcome, until, chosen),
                "by": by.subject,
                "by_name": by.name,
                "at": self._now(),
                "key": key,
            }
            if (earlier := self._earlier(connection, by, key)) is not None:
                return self._repeated(connection, earlier, row, comment, language)
            row["comment"] = self._sealed(connection, asked["citizen"], comment)
            connection.execute(insert(decisions), row)
            self._audit.record(
                f"decide {outcome.value}",
                by=by,
                citizens=[asked["citizen"]],
                purpose=asked["purpose"],
                detail={"service": asked["service"]},
                within=connection,
            )
            stored = connection.execute(select(decisions).where(decisions.c.id == row["id"])).one()
            return self._read(connection, stored, language)

    def of(self, citizen: int, *, language: str, purpose: str, by: Caller) -> tuple[Decision, ...]:
        """All decisions on a citizen, newest first. Audited."""
        by.require(Role.CASEWORKER, Role.AUDITOR)
        self._audit.record("read decisions", by=by, citizens=[citizen], purpose=purpose)
        with self._database.read() as connection:
            return self.all_of(connection, citizen, language)

    def all_of(self, connection: Connection, citizen: int, language: str) -> tuple[Decision, ...]:
        """The same inside a transaction that audits for itself."""
        rows = connection.execute(_ON, {"of": citizen}).all()
        return tuple(self._read(connection, row, language) for row in rows)

    def _reason(self, service: str, outcome: Outcome, code: str | None) -> Reason | None:
        offered = {one.code: one for one in self._pack.services[service].override_reasons}
        if outcome is Outcome.OVERRIDDEN and offered and code not in offered:
            raise InvalidRequestError(
                f"Choose why it is not suitable: one of {', '.join(sorted(offered))}."
            )
        if outcome is not Outcome.OVERRIDDEN and code is not None:
            raise InvalidRequestError("Only a suggestion that is not suitable takes a reason.")
        return offered.get(code or "")

    def _until(self, outcome: Outcome, until: date | None, reason: Reason | None) -> date | None:
        today = self._now().date()
        if outcome is Outcome.DEFERRED:
            if until is None or not today < until <= today + LONGEST_DEFERRAL:
                raise InvalidRequestError("Choose a day to come, within two years, until when.")
            return until
        if until is not None:
            raise InvalidRequestError("Only a deferral has a day until when.")
        if outcome is Outcome.OVERRIDDEN:
            return today + timedelta(days=reason.remembered_days if reason else 365)
        return None

    def _earlier(self, connection: Connection, by: Caller, key: str | None) -> Row[Any] | None:
        if key is None:
            return None
        return connection.execute(
            select(decisions).where(decisions.c.by == by.subject, decisions.c.key == key)
        ).first()

    def _repeated(
        self,
        connection: Connection,
        earlier: Row[Any],
        row: dict[str, Any],
        comment: str | None,
        language: str,
    ) -> Decision:
        stored = self._read(connection, earlier, language)
        same = all(
            getattr(earlier, name) == row[name] for name in ("suggestion", "outcome", "reason")
        )
        deferred = row["outcome"] == Outcome.DEFERRED.value
        if not same or stored.comment != comment or (deferred and stored.until != row["until"]):
            raise ConflictError("This key was used before for another decision.")
        return stored

    def _sealed(self, connection: Connection, citizen: int, comment: str | None) -> bytes | None:
        if not comment:
            return None
        if len(comment) > LONGEST_COMMENT:
            raise InvalidRequestError(f"A word of at most {LONGEST_COMMENT} characters, please.")
        key = self._sealing.make_keys(connection, [citizen])[citizen]
        return seal(key, comment, citizen, "comment")

    def _read(self, connection: Connection, row: Row[Any], language: str) -> Decision:
        service = self._pack.services.get(row.service)
        reasons = {one.code: one.text for one in service.override_reasons} if service else {}
        comment = None
        if row.comment is not None:
            keys = self._sealing.keys(connection, [row.citizen])
            if row.citizen in keys:
                comment = unseal(keys[row.citizen], row.comment, row.citizen, "comment")
        return Decision(
            id=row.id,
            suggestion=row.suggestion,
            citizen=row.citizen,
            service=row.service,
            service_title=self._pack.say(service.title, language) if service else row.service,
            outcome=Outcome(row.outcome),
            reason=row.reason,
            reason_text=self._pack.say(reasons[row.reason], language)
            if row.reason in reasons
            else None,
            comment=comment,
            until=row.until,
            by=row.by_name,
            at=row.at,
        )


def utc_now() -> datetime:
    """The moment, in UTC."""
    return datetime.now(UTC)


_ON = (
    select(decisions).where(decisions.c.citizen == bindparam("of")).order_by(decisions.c.at.desc())
)
