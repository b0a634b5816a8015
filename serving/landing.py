"""Landing: the inbox into the lake, exactly once, with the server running.

One process lands at a time: whoever holds the lease in the database. It numbers what waits, which
is settled before anything is written to the lake, and lands batch by batch. Killed anywhere, the
next one lands the same batches again, and the lake takes of each what it does not have.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update

from features.batches import Batches, last_batch
from features.lake import Lake
from features.pack import Pack
from features.pseudonyms import Pseudonyms
from serving.database import Database
from serving.errors import NotReadyError
from serving.fresh import waiting_of
from serving.metrics import LANDED
from serving.schema import inbox, landing

BATCH = 20_000
LEASE = timedelta(seconds=15)
GRACE = timedelta(seconds=60)
"""So long a message stays after it has landed: readers look at a lake of some seconds ago."""

log = logging.getLogger("voorzet.landing")


@dataclass(slots=True)
class Landings:
    """What landing came to.

    Parameters
    ----------
    messages
        How many messages have landed.
    batches
        In how many batches.
    cleared
        How many that landed before have left the inbox.
    """

    messages: int = 0
    batches: int = 0
    cleared: int = 0


class Lander:
    """Lands what waits in the inbox of one database in one lake."""

    def __init__(
        self,
        pack: Pack,
        database: Database,
        lake: Lake,
        pseudonyms: Pseudonyms,
        now: Callable[[], datetime],
    ) -> None:
        self._pack = pack
        self.database = database
        self._lake = lake
        self._batches = Batches(lake, pack, pseudonyms)
        self._now = now
        self._me = secrets.token_hex(8)

    def land(self) -> Landings:
        """Land all that waits now, and clear what landed a while ago. Whoever landed goes on
        doing so, until :meth:`close`.

        Raises
        ------
        NotReadyError
            When another process is landing.
        VoorzetError
            When another process is writing to the lake.
        """
        self._take()
        done = Landings()
        if self._anything():
            with self._lake.sole_writer():
                self._land_all(done, GRACE, self._take)
        return done

    def drain(self) -> Landings:
        """Land all that waits and leave nothing in the inbox, for whoever holds the lake's writer
        already; readers who hold an earlier lake do without."""
        done = Landings()
        self._land_all(done, timedelta(0), lambda: None)
        return done

    def _land_all(self, done: Landings, grace: timedelta, each: Callable[[], None]) -> None:
        self._lake.refresh()
        while self._number():
            pass
        for number in self._numbered():
            done.messages += self._land(number)
            done.batches += 1
            each()
        done.cleared += self._clear(grace)

    def compact(self) -> int:
        """Put together what landed in small pieces; returns how many buckets were rewritten.

        Raises what :meth:`land` raises.
        """
        self._take()
        with self._lake.sole_writer():
            return self._batches.compact()

    def close(self) -> None:
        """Let another process land."""
        mine = update(landing).where(landing.c.holder == self._me)
        with self.database.write() as connection:
            connection.execute(mine.values(holder=None, until=None))

    # -- batches ---------------------------------------------------------------------------

    def _anything(self) -> bool:
        due = self._now() - GRACE
        query = select(inbox.c.number).where(
            or_(inbox.c.landed_at.is_(None), inbox.c.landed_at < due)
        )
        with self.database.read() as connection:
            return connection.execute(query.limit(1)).first() is not None

    def _number(self) -> bool:
        """Give a batch of what waits a number of its own; False when nothing waits without."""
        without = inbox.c.batch.is_(None)
        with self.database.write() as connection:
            first = connection.execute(
                select(inbox.c.source, inbox.c.mapping)
                .where(without)
                .order_by(inbox.c.number)
                .limit(1)
            ).first()
            if first is None:
                return False
            last = connection.execute(select(landing.c.batch).with_for_update()).scalar_one()
            # A database that was put back from a backup may count behind the lake.
            number = max(last, last_batch(self._lake, self._pack)) + 1
            mine = (
                select(inbox.c.number)
                .where(without, inbox.c.source == first.source, inbox.c.mapping == first.mapping)
                .order_by(inbox.c.number)
                .limit(BATCH)
            )
            connection.execute(update(inbox).where(inbox.c.number.in_(mine)).values(batch=number))
            connection.execute(update(landing).values(batch=number))
        return True

    def _numbered(self) -> list[int]:
        """The batches that have a number and have not landed, in order."""
        query = (
            select(inbox.c.batch)
            .where(inbox.c.batch.is_not(None), inbox.c.landed_at.is_(None))
            .distinct()
            .order_by(inbox.c.batch)
        )
        with self.database.read() as connection:
            return [int(number) for number in connection.execute(query).scalars()]

    def _land(self, number: int) -> int:
        """Land one batch; returns how many messages it has."""
        query = select(inbox).where(inbox.c.batch == number).order_by(inbox.c.number)
        with self.database.read() as connection:
            rows = connection.execute(query).all()
        messages = [waiting_of(row) for row in rows]
        source, mapping = rows[0].source, rows[0].mapping
        now = self._now()
        landed = self._batches.land(source, mapping, number, messages, now=now)
        with self.database.write() as connection:
            connection.execute(
                update(inbox).where(inbox.c.batch == number).values(landed_at=self._now())
            )
        LANDED.inc(len(rows))
        log.info(
            "landed batch %d of %s: %d messages, %d set aside",
            number,
            source,
            len(rows),
            landed.quarantined.total(),
        )
        return len(rows)

    def _clear(self, grace: timedelta) -> int:
        with self.database.write() as connection:
            gone = delete(inbox).where(inbox.c.landed_at <= self._now() - grace)
            return connection.execute(gone).rowcount

    # -- the lease -------------------------------------------------------------------------

    def _take(self) -> None:
        """Be the one who lands, for a while."""
        now = self._now()
        with self.database.read() as connection:
            held = connection.execute(select(landing.c.holder, landing.c.until)).one()
        mine = held.holder == self._me
        if mine and held.until > now + LEASE / 2:
            return
        if not mine and held.holder is not None and held.until >= now:
            raise NotReadyError("Another process is landing; try again in a few seconds.")
        as_it_was = landing.c.holder.is_not_distinct_from(held.holder)
        take = update(landing).where(as_it_was).values(holder=self._me, until=now + LEASE)
        with self.database.write() as connection:
            if connection.execute(take).rowcount == 0:
                raise NotReadyError("Another process is landing; try again in a few seconds.")
