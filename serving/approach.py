"""The personal approach: the switch between the standard process and one colleague of one's own.

Who chose it, when, for which of the coded reasons and on what evidence is kept; every choice stays.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final, Literal
from uuid import uuid4

from sqlalchemy import Connection, Row, bindparam, insert, select

from serving.audit import Audit
from serving.caseload import Caseloads
from serving.casework.records import ApproachView
from serving.database import Database
from serving.errors import InvalidRequestError
from serving.schema import approaches
from serving.sealing import Sealing, seal, unseal
from serving.security import Caller, Role

Choice = Literal["taken", "not-now", "back"]
"""``taken``: a personal approach; ``not-now``: not for the moment; ``back``: to the standard
process again."""
REASONS: Final[dict[Choice, dict[str, dict[str, str]]]] = {
    "taken": {
        "stuck": {"nl": "Loopt vast bij ons", "en": "Gets stuck with us"},
        "many-questions": {"nl": "Er speelt veel tegelijk", "en": "Much is going on at once"},
        "asks-for-it": {"nl": "Vraagt er zelf om", "en": "Asks for it"},
        "other": {"nl": "Iets anders", "en": "Something else"},
    },
    "not-now": {
        "has-contact": {"nl": "Heeft al een vaste contactpersoon", "en": "Has a contact already"},
        "nearly-done": {"nl": "De zaak is bijna klaar", "en": "The case is nearly done"},
        "does-not-want": {"nl": "Wil dit niet", "en": "Does not want it"},
        "no-time": {"nl": "Nu is er geen tijd voor", "en": "There is no time for it now"},
        "other": {"nl": "Iets anders", "en": "Something else"},
    },
    "back": {
        "solved": {"nl": "Het is opgelost", "en": "It is solved"},
        "does-not-want": {"nl": "Wil dit niet meer", "en": "Does not want it any more"},
        "other": {"nl": "Iets anders", "en": "Something else"},
    },
}
"""Why each choice can be made."""
LONGEST_COMMENT: Final = 2000
_USE = "approach"


class Approaches:
    """Stores who took up whom, and why."""

    def __init__(
        self,
        database: Database,
        sealing: Sealing,
        audit: Audit,
        caseloads: Caseloads,
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._sealing = sealing
        self._audit = audit
        self._caseloads = caseloads
        self._now = now

    def choose(
        self,
        citizen: int,
        choice: Choice,
        *,
        purpose: str,
        by: Caller,
        reason: str | None = None,
        comment: str | None = None,
        evidence: Sequence[str] = (),
    ) -> None:
        """Take the citizen up (the caller becomes owner, with the citizen on their caseload), say
        that now is not the moment, or go back to the standard process.

        Raises
        ------
        InvalidRequestError
            When the reason is none of this choice's, or the comment is too long.
        """
        by.require(Role.CASEWORKER)
        if reason is not None and reason not in REASONS[choice]:
            known = ", ".join(REASONS[choice])
            raise InvalidRequestError(f"Choose why: one of {known}.")
        if comment and len(comment) > LONGEST_COMMENT:
            raise InvalidRequestError(f"A word of at most {LONGEST_COMMENT} characters, please.")
        row: dict[str, Any] = {
            "id": uuid4(),
            "citizen": citizen,
            "choice": choice,
            "at": self._now(),
            "by": by.subject,
            "by_name": by.name,
            "reason": reason,
        }
        with self._database.write() as connection:
            key = self._sealing.make_keys(connection, [citizen])[citizen]
            said = {"comment": comment or None, "evidence": list(evidence)}
            row["sealed"] = seal(key, json.dumps(said, ensure_ascii=False), citizen, _USE)
            connection.execute(insert(approaches), row)
            if choice == "taken":
                self._caseloads.put(
                    connection, [citizen], by.subject, reason="personal-approach", by=by
                )
            self._audit.record(
                f"personal approach {choice}",
                by=by,
                citizens=[citizen],
                purpose=purpose,
                within=connection,
            )

    def last(self, citizen: int) -> Row[Any] | None:
        """The last choice: ``choice``, ``by_name``, ``at``; None when there was none."""
        with self._database.read() as connection:
            return connection.execute(_LAST, {"of": citizen}).first()

    def all_of(self, citizen: int, language: str) -> tuple[ApproachView, ...]:
        """Every choice that was made, newest first, with its reasons."""
        with self._database.read() as connection:
            rows = connection.execute(_EVERY, {"of": citizen}).all()
            return tuple(self._read(connection, row, language) for row in rows)

    def _read(self, connection: Connection, row: Row[Any], language: str) -> ApproachView:
        said: dict[str, Any] = {"comment": None, "evidence": []}
        keys = self._sealing.keys(connection, [row.citizen])
        if row.sealed is not None and row.citizen in keys:
            said = json.loads(unseal(keys[row.citizen], row.sealed, row.citizen, _USE))
        why = REASONS[row.choice].get(row.reason or "")
        return ApproachView(
            choice=row.choice,
            owner=row.by_name,
            at=row.at,
            reason=row.reason,
            reason_text=None if why is None else why.get(language, why["en"]),
            comment=said["comment"],
            evidence=tuple(said["evidence"]),
        )


_EVERY = (
    select(approaches)
    .where(approaches.c.citizen == bindparam("of"))
    .order_by(approaches.c.at.desc())
)
_LAST = _EVERY.limit(1)
