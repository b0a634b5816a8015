"""Receiving: what a source sends, into the inbox, with an answer for each message."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from features.pack import Pack
from features.received import Form, Message, Reception
from features.sources.json_files import Json, NoMessage
from features.sources.messages import shaped_rows
from features.sources.zgw_notifications import notification_rows
from serving.announcements import Announcements
from serving.answers import MessageFault, Receipt
from serving.errors import NotAllowedError, TooMuchError
from serving.identities import Vault
from serving.inbox import Inbox
from serving.metrics import MESSAGES
from serving.security import Caller, Role
from serving.standpoint import LakeView

REASONS: Mapping[str, str] = {
    "missing-identifier": "The message does not say whom it is about.",
    "bsn-11-test": "The number is not a BSN: it does not pass the 11-test.",
    "bad-date": "This is not a date.",
    "bad-number": "This is not a number.",
    "unknown-event-type": "The pack knows no event of this type.",
    "unknown-category": "The pack knows no such category.",
    "unknown-value": "The pack knows no such value.",
    "unknown-channel": "The pack knows no such channel.",
    "from-the-future": "This lies too far ahead.",
    "conflicting-duplicate": "Something else was received under this id before.",
    "separated": "These two are known not to be the same person.",
    "malformed-row": "This is not a message that can be read: a JSON object in UTF-8 is expected.",
    "invalid-message": "The message breaks the profile: this attribute is missing or not allowed.",
    "message-too-large": "A message has 64 KB at most.",
    "identifier-in-context": "A citizen's number stands among the context attributes.",
}
"""What each reason of the quarantine says to a sender."""


@dataclass(frozen=True)
class Receiving:
    """Takes messages of sources.

    Parameters
    ----------
    fetched
        The sources whose notifications are a reason to fetch the case that they name.
    senders
        Which source of the pack delivers under a token's subject, where that is another name.
    """

    pack: Pack
    lakes: LakeView
    reception: Reception
    inbox: Inbox
    announcements: Announcements
    fetched: frozenset[str]
    vault: Vault
    senders: Mapping[str, str]
    now: Callable[[], datetime]

    def receive(
        self, form: Form, messages: Iterable[Json | NoMessage], body: bytes, *, by: Caller
    ) -> Receipt:
        """Keep what can be kept; tell what is wrong with the rest, which is set aside.

        Raises
        ------
        NotAllowedError
            When the caller is no source that delivers in this form.
        TooMuchError
            When too much waits already.
        """
        by.require(Role.SOURCE)
        source = self.senders.get(by.subject, by.subject)
        if form == "zgw-notifications" and source in self.fetched:
            return self._announced(source, list(messages))
        if not self.reception.mappings(source, form):
            raise NotAllowedError(
                f"The pack has no mapping by which this source delivers {form}. A token's subject "
                "is a source of the pack, or stands under senders in voorzet.toml."
            )
        if self.inbox.is_full():
            raise TooMuchError("Too much waits to be landed. Send this again later.")
        received = self.reception.read(source, form, messages, body, self.lakes.current())
        for identities in received.identities:
            self.vault.store(identities)
        put = self.inbox.put(source, received.messages, self.now())
        conflicts = [self.reception.conflicting(source, form, one) for one in put.conflicts]
        if conflicts:
            self.inbox.put(source, conflicts, self.now())
        receipt = _receipt([*put.new, *conflicts], len(put.known))
        for outcome in ("accepted", "known", "refused"):
            MESSAGES.labels(source, outcome).inc(getattr(receipt, outcome))
        return receipt

    def _announced(self, source: str, told: list[Json | NoMessage]) -> Receipt:
        """Keep what is a notification until its case was fetched."""
        good: list[Json] = []
        faults: list[MessageFault] = []
        for place, one in enumerate(told, start=1):
            fault = _fault_of(one)
            if fault is None and isinstance(one, dict):
                good.append(one)
            elif fault is not None:
                reason, column = str(fault.reason), fault.column
                faults.append(
                    MessageFault(message=place, reason=reason, at=column, detail=REASONS[reason])
                )
        new = self.announcements.keep(source, good, self.now())
        return Receipt(
            accepted=new, known=len(good) - new, refused=len(faults), faults=tuple(faults)
        )


def _fault_of(notification: Json | NoMessage) -> NoMessage | None:
    return shaped_rows(notification, notification_rows)[1]


def _receipt(told: list[Message], known: int) -> Receipt:
    messages = sorted((one for one in told if one.place), key=lambda one: one.place)
    refused = sum(one.refused for one in messages)
    faults = tuple(
        MessageFault(
            message=one.place, reason=fault.reason, at=fault.column, detail=REASONS[fault.reason]
        )
        for one in messages
        for fault in one.faults
    )
    return Receipt(accepted=len(messages) - refused, known=known, refused=refused, faults=faults)
