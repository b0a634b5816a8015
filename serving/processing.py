"""Records of processing, after the Logboek Dataverwerkingen: one per person and action.

They are read from the audit, which keeps the trace, the span and the times of each entry. So what
is handed on is what was done, none is left out when the receiver is away for a while, and no
request waits for it.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from features.pack import Pack
from serving.database import Database
from serving.schema import audit, processing_exports
from serving.sealing import Sealing

USE = "data subject"
ACCOUNTABILITY = "accountability"
"""What is done because of the law and for no purpose of the domain: objections, audits."""
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class ProcessingRecord:
    """One record.

    Parameters
    ----------
    status
        ``Unset``, ``Ok`` or ``Error``.
    activity
        The address of the entry in the register of processing activities.
    subject
        The person's pseudonym, encrypted under the vault's key; None once they were erased.
    """

    number: int
    trace: str
    span: str
    status: str
    name: str
    began: datetime
    ended: datetime
    resource: Mapping[str, str]
    activity: str
    subject: str | None

    def attributes(self) -> dict[str, str]:
        """The attributes of the standard."""
        told = {"dpl.core.processing_activity_id": self.activity}
        if self.subject is not None:
            told["dpl.core.data_subject_id"] = self.subject
            told["dpl.core.data_subject_id_type"] = "voorzet:pseudonym"
        return told

    def as_dict(self) -> dict[str, Any]:
        """For JSON; times in milliseconds since 1970."""
        return {
            "trace_id": self.trace,
            "span_id": self.span,
            "status": self.status,
            "name": self.name,
            "start_time": int(self.began.timestamp() * 1000),
            "end_time": int(self.ended.timestamp() * 1000),
            "resource": dict(self.resource),
            "attributes": self.attributes(),
        }


Deliver = Callable[[Sequence[ProcessingRecord]], None]
"""Hands records on; raises when they did not arrive."""


class ProcessingLog:
    """Hands records on, each at least once, in the order in which things were done.

    Parameters
    ----------
    register
        What stands before a purpose in the address of its entry in the register.
    """

    def __init__(self, pack: Pack, database: Database, sealing: Sealing, *, register: str) -> None:
        self._database = database
        self._sealing = sealing
        self._register = register
        self._resource = {"service.name": "voorzet", "voorzet.pack": pack.domain.id}

    def hand_on(self, to: str, deliver: Deliver) -> int:
        """Hand on what was not handed on ``to`` this receiver before; returns how many.

        When ``deliver`` raises, what it was given is handed on again next time.
        """
        handed = 0
        while rows := self._after(self._reached(to)):
            records = [self._record(row) for row in rows if row.sealed or row.purpose]
            if records:
                deliver(records)
            handed += len(records)
            self._remember(to, rows[-1].number)
        return handed

    def _reached(self, to: str) -> int:
        query = select(processing_exports.c.number).where(processing_exports.c.to == to)
        with self._database.read() as connection:
            return connection.execute(query).scalar_one_or_none() or 0

    def _after(self, number: int) -> Sequence[Row[Any]]:
        query = select(audit).where(audit.c.number > number).order_by(audit.c.number)
        with self._database.read() as connection:
            return connection.execute(query.limit(_AT_ONCE)).all()

    def _remember(self, to: str, number: int) -> None:
        this = processing_exports.c.to == to
        with self._database.write() as connection:
            moved = connection.execute(update(processing_exports).where(this).values(number=number))
            if moved.rowcount == 0:
                connection.execute(insert(processing_exports), {"to": to, "number": number})

    def _record(self, row: Row[Any]) -> ProcessingRecord:
        subject = None
        if row.citizen is not None:
            locked = self._sealing.lock(str(row.citizen), USE)
            subject = base64.b64encode(locked).decode()
        return ProcessingRecord(
            number=row.number,
            trace=row.trace,
            span=row.span,
            status=row.status,
            name=row.action,
            began=row.began,
            ended=row.at,
            resource=self._resource,
            activity=self._register + (row.purpose or ACCOUNTABILITY),
            subject=subject,
        )


def subject_of(attributes: Mapping[str, Any], sealing: Sealing) -> int:
    """The pseudonym in the attributes of a record; raises SealingError for another vault's."""
    return int(sealing.unlock(base64.b64decode(attributes["dpl.core.data_subject_id"]), USE))
