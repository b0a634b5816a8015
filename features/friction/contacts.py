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

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from features.friction.case_work import first_told
from features.friction.ordering import Flags, Places, by_code
from features.pack import Pack
from features.past_events import UNTOLD, Codes, PastEvents, past_events
from features.records import Records

CONTACT_ROLES = ("contact", "contact-failed")
"""The roles of events that are contact."""

REPEAT_CONTACT_DAYS = 28
"""Within how many days a second contact on the same need is a repeat."""


@dataclass(frozen=True, slots=True)
class Repeats:
    """Contacts on the same need: the places of the ``later`` and of the one just before it."""

    before: Places
    later: Places


def contacts_of(records: Records, pack: Pack) -> tuple[PastEvents, Flags]:
    """The contacts, in the order of the records, and which of them did not get through."""
    types = pack.event_types_in(*CONTACT_ROLES)
    failing = [pack.domain.event_types[kind].role == "contact-failed" for kind in types]
    contacts = past_events(records, pack, types)
    return contacts, np.array(failing, dtype=bool)[contacts.kind]


def need_of(contacts: PastEvents) -> Codes:
    """What each contact is about."""
    return first_told(contacts, "case_type", "case_id", "$.subject")


def repeat_contacts(contacts: PastEvents) -> Repeats:
    """The repeat contacts among ``contacts``, which stand in the order of the records."""
    need = need_of(contacts)
    told = np.flatnonzero(need != UNTOLD)
    order, first = by_code(contacts.row[told], need[told])
    place = told[order]
    age = contacts.age[place]
    again = ~first
    again[1:] &= age[:-1] - age[1:] <= REPEAT_CONTACT_DAYS
    later = np.flatnonzero(again)
    return Repeats(place[later - 1], place[later])


def channel_switches(contacts: PastEvents, repeats: Repeats) -> Places:
    """The places of the repeat contacts that came by another channel."""
    channel = contacts.codes("channel")
    before, later = channel[repeats.before], channel[repeats.later]
    found: Places = repeats.later[(before != UNTOLD) & (later != UNTOLD) & (before != later)]
    return found


def without_result(
    contacts: PastEvents, failed: Flags, repeats: Repeats, done: PastEvents
) -> Places:
    """The places of the contacts without result.

    Parameters
    ----------
    failed
        Which contacts did not get through.
    done
        What was done in cases, in the order of the records.
    """
    days = _days(done.row, done.age)
    since = np.searchsorted(days, _day(contacts, repeats.before))
    until = np.searchsorted(days, _day(contacts, repeats.later), "right")
    led_nowhere = failed.copy()
    led_nowhere[repeats.before[since == until]] = True
    return np.flatnonzero(led_nowhere)


def _day(contacts: PastEvents, at: Places) -> Places:
    return _days(contacts.row[at], contacts.age[at])


def _days(row: Places, age: NDArray[np.int32]) -> Places:
    """Citizen and day in one number that never falls in the order of the records."""
    key: Places = (row << 32) - age
    return key
