"""Fetching the cases that notifications announced, into the inbox.

A case goes the way of every message: through the door, into the inbox, and into the lake with the
next landing. Cut off anywhere, it is fetched again, and says nothing new.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from features.lake import Lake
from features.received import Reception
from features.sources.json_files import Json, NoMessage
from features.sources.zgw_pull import Client, Puller
from serving.announcements import Announced, Announcements
from serving.database import Database
from serving.identities import Vault
from serving.inbox import Inbox

FETCH_EVERY_SECONDS = 2.0

log = logging.getLogger("voorzet.fetching")


@dataclass(slots=True)
class Fetches:
    """What fetching came to: cases that were fetched, announcements to be tried again, and those
    that never lead to a case."""

    cases: int = 0
    put_off: int = 0
    given_up: int = 0


@dataclass(frozen=True, slots=True)
class Site:
    """The APIs of one source: who fetches, and the addresses that may be fetched from."""

    client: Client
    roots: tuple[str, ...]


class CaseFetcher:
    """Fetches what was announced by each of the ``sites``, by source."""

    def __init__(
        self,
        database: Database,
        lake: Lake,
        reception: Reception,
        inbox: Inbox,
        vault: Vault,
        sites: Mapping[str, Site],
        now: Callable[[], datetime],
    ) -> None:
        self.database = database
        self._announced = Announcements(database)
        self._lake = lake
        self._reception = reception
        self._inbox = inbox
        self._vault = vault
        self._sites = sites
        self._now = now

    def fetch(self) -> Fetches:
        """Fetch all that is due, as long as the inbox has room."""
        done = Fetches()
        for source, site in self._sites.items():
            while not self._inbox.is_full() and (due := self._announced.claim(source, self._now())):
                self._some(source, site, due, done)
        return done

    def run(self) -> None:
        """Fetch all that is due, in the background."""
        self.fetch()

    def _some(self, source: str, site: Site, due: list[Announced], done: Fetches) -> None:
        puller = Puller(site.client, site.roots)
        cases = list(puller.cases([one.notification for one in due]))
        self._keep(source, cases)
        of = {id(one.notification): one for one in due}
        missed = [(of[id(one.notification)], one) for one in puller.missed]
        later = [announced for announced, one in missed if one.again]
        self._announced.put_off(later, self._now())
        self._announced.done([one for one in due if one not in later])
        done.cases += len(cases)
        done.put_off += len(later)
        done.given_up += len(missed) - len(later)
        for problem, count in Counter(one.problem for _, one in missed).items():
            log.warning("%s: %d announced cases not fetched: %s", source, count, problem)

    def _keep(self, source: str, cases: list[Json | NoMessage]) -> None:
        if not cases:
            return
        self._lake.refresh()
        said = json.dumps([one for one in cases if isinstance(one, dict)], sort_keys=True).encode()
        received = self._reception.read(source, "zgw-cases", cases, said, self._lake)
        for identities in received.identities:
            self._vault.store(identities)
        self._inbox.put(source, received.messages, self._now())
