"""Following the audit's chain from its beginning to its end."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from serving.audit_chain import FORGET, USE, link
from serving.database import Database
from serving.schema import audit, audit_head
from serving.sealing import Sealing, SealingError, unseal

_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class End:
    """An end of the chain, to keep elsewhere: ``1200:5f0c…``.

    Whoever kept one sees later whether the chain still holds that entry. Only this shows that
    entries were taken off the end and the end itself was set back.
    """

    number: int
    hash: bytes

    def __str__(self) -> str:
        return f"{self.number}:{self.hash.hex()}"

    @classmethod
    def parse(cls, text: str) -> End:
        """What :meth:`__str__` wrote; raises ValueError."""
        number, _, digits = text.partition(":")
        return cls(int(number), bytes.fromhex(digits))


@dataclass(frozen=True, slots=True)
class Broken:
    """Where the chain does not hold."""

    number: int
    problem: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What following the chain came to.

    Parameters
    ----------
    end
        The last entry that holds.
    forgotten
        How many entries no longer say of whom they are, by erasure or retention.
    """

    end: End
    forgotten: int
    broken: Broken | None = None


def check_audit(
    database: Database,
    sealing: Sealing,
    *,
    kept: End | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Checked:
    """Follow the whole chain.

    Parameters
    ----------
    kept
        An end that was kept elsewhere; the chain must still hold it.
    progress
        Called with how many entries were followed, and how many there are.
    """
    with database.read() as connection:
        head = connection.execute(select(audit_head)).one()
        total = connection.execute(select(func.count()).select_from(audit)).scalar_one()
        follower = _Follower(connection, sealing, kept)
        try:
            with closing(_pages(connection)) as pages:
                for rows in pages:
                    if follower.follow(rows) is not None:
                        break
                    progress(follower.end.number, total)
        except ValueError:  # no moment, where a moment should be
            follower.broken = Broken(follower.end.number + 1, "entries from here cannot be read")
    return _outcome(follower, End(head.number, head.hash), kept)


def _outcome(follower: _Follower, head: End, kept: End | None) -> Checked:
    """What can only be said at the end of the way."""
    end, broken = follower.end, follower.broken
    if broken is None and head != end:
        broken = Broken(end.number + 1, "entries at the end are missing")
    if broken is None and kept is not None and kept.number > end.number:
        broken = Broken(end.number + 1, "the chain was longer when its end was kept")
    if broken is None and follower.nameless != follower.announced:
        broken = Broken(
            end.number,
            f"{follower.nameless} entries name nobody, and {follower.announced} were made so by "
            "erasure or retention",
        )
    return Checked(end, follower.nameless, broken)


class _Follower:
    """Goes along the chain and remembers where it is."""

    def __init__(self, connection: Connection, sealing: Sealing, kept: End | None) -> None:
        self._connection = connection
        self._sealing = sealing
        self._kept = kept
        self.end = End(0, bytes(32))
        self.nameless = 0
        self.announced = 0
        self.broken: Broken | None = None

    def follow(self, rows: Sequence[dict[str, Any]]) -> Broken | None:
        """The first of ``rows`` that does not hold, if any."""
        citizens = list({row["citizen"] for row in rows if row["citizen"] is not None})
        keys = self._sealing.keys(self._connection, citizens)
        for row in rows:
            problem = self._problem(row, keys)
            if problem is not None:
                self.broken = Broken(self.end.number + 1, problem)
                return self.broken
            self.end = End(row["number"], row["hash"])
            self.nameless += row["citizen"] is None and row["sealed"] is not None
            if row["action"].startswith(FORGET):
                self.announced += int(row["action"].removeprefix(FORGET))
        return None

    def _problem(self, row: dict[str, Any], keys: dict[int, Any]) -> str | None:
        if row["number"] != self.end.number + 1:
            return "an entry is missing"
        if row["previous"] != self.end.hash or row["hash"] != link(self._sealing, row):
            return "the entry was changed, or put in between"
        kept = self._kept
        if kept and kept.number == row["number"] and kept.hash != row["hash"]:
            return "the entry is not the one whose hash was kept"
        return self._stranger(row, keys)

    def _stranger(self, row: dict[str, Any], keys: dict[int, Any]) -> str | None:
        """Whether the entry names somebody else than it was about."""
        citizen = row["citizen"]
        if citizen is None:
            return None
        try:
            unseal(keys[citizen], row["sealed"] or b"", citizen, USE)
        except (KeyError, SealingError, ValueError):
            return "the entry names another citizen than it was written about"
        return None


def _pages(connection: Connection) -> Generator[list[dict[str, Any]]]:
    query = select(audit).order_by(audit.c.number)
    with connection.execute(query, execution_options={"stream_results": True}) as result:
        for part in result.partitions(_AT_ONCE):
            yield [dict(row._mapping) for row in part]
