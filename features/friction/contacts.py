"""Contacts that led nowhere: on the same need again, by another channel, without result.

The *need* of a contact is its case type, or else its case, or else the attribute ``subject``.
Contacts of which it is not told are neither a repeat nor repeated.

- *repeat contact*: on a need on which there was contact at most
  :data:`REPEAT_CONTACT_DAYS` local days before;
- *channel switch*: a repeat contact by another channel than the contact before it, both told;
- *contact without result*: one that did not get through, or one that was followed by a repeat
  contact before anything was done. Done is any step, decision or closing in any of the citizen's
  cases, in any source, from the day of the one contact up to and including the day of the other: on
  the same day a source that knows only days cannot say which came first. It is counted on the day
  of the contact that had no result.
"""

from __future__ import annotations

import numpy as np

from features.friction.case_work import first_told
from features.friction.marks import Marks
from features.friction.ordering import Flags
from features.kernels.needs import need_marks
from features.pack import Pack
from features.past_events import Codes, PastEvents, past_events
from features.records import Records

CONTACT_ROLES = ("contact", "contact-failed")
"""The roles of events that are contact."""

REPEAT_CONTACT_DAYS = 28
"""Within how many days a second contact on the same need is a repeat."""

MARKED = (
    "repeat_contact",
    "channel_switches",
    "failed_contacts",
    "contacts_without_result",
    "follow_ups",
    "need",
    "channel",
)
"""In the order of the bits of :mod:`features.kernels.needs`."""


def contacts_of(records: Records, pack: Pack) -> tuple[PastEvents, Flags]:
    """The contacts, in the order of the records, and which of them did not get through."""
    types = pack.event_types_in(*CONTACT_ROLES)
    failing = [pack.domain.event_types[kind].role == "contact-failed" for kind in types]
    contacts = past_events(records, pack, types)
    return contacts, np.array(failing, dtype=bool)[contacts.kind]


def need_of(contacts: PastEvents) -> Codes:
    """What each contact is about."""
    return first_told(contacts, "case_type", "case_id", "$.subject")


def contact_marks(contacts: PastEvents, failed: Flags, done: PastEvents) -> Marks:
    """What shows at each contact; contacts stand in the order of the records.

    The ``repeat_contact``, the ``channel_switches``, the ``failed_contacts`` and the
    ``contacts_without_result``; the ``follow_ups`` (shortly after another contact), and those of
    them that tell their ``need``, and that and their ``channel``.

    Parameters
    ----------
    failed
        Which contacts did not get through.
    done
        What was done in cases, in the order of the records.
    """
    bits = need_marks(
        contacts.row,
        contacts.age,
        need_of(contacts),
        contacts.codes("channel"),
        failed,
        done.row,
        done.age,
        REPEAT_CONTACT_DAYS,
    )
    return Marks(MARKED, bits)
