"""Retention in a workspace: the lake by its sources, and what the office itself wrote.

The lake keeps to ``retention_days`` of each source in the pack. Ledger, decisions, campaigns and
the rest keep to ``retention_days`` of the workspace's settings, where it is given; without it they
stay. The audit keeps its chain: of old entries only the pseudonym goes.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.sql.dml import Delete, Update

from features.lake import Lake
from features.pack import Pack
from features.retention import cutoffs, retire
from features.rewriting import forget_history
from serving.audit import Audit
from serving.campaigns.tables import campaign_members, campaigns
from serving.casework.tables import caseload, facts_told, outcomes, rights_requests
from serving.database import Database
from serving.erased_rows import overwrite_deleted
from serving.removals import Kind, Removals
from serving.schema import approaches, audit, decisions, objections, slates, suggestions
from serving.security import Caller, Role


@dataclass(frozen=True, slots=True)
class Retired:
    """What is past its retention.

    Parameters
    ----------
    lake
        Rows by (table, source).
    database
        Rows by table.
    cutoffs
        Per source, the moment before which nothing that ended is kept.
    """

    lake: dict[tuple[str, str], int]
    database: dict[str, int]
    cutoffs: dict[str, datetime]
    dry_run: bool

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "dry_run": self.dry_run,
            "lake": [
                {"table": table, "source": source, "rows": rows}
                for (table, source), rows in self.lake.items()
            ],
            "database": self.database,
            "cutoffs": {source: cut.isoformat() for source, cut in self.cutoffs.items()},
        }


class Retaining:
    """Deletes what is kept no longer.

    Parameters
    ----------
    days
        For how long the office keeps what it wrote itself; None to keep it.
    grace
        As of :class:`serving.erasing.Eraser`.
    """

    def __init__(
        self,
        pack: Pack,
        lake: Lake,
        database: Database,
        audit: Audit,
        removals: Removals,
        *,
        days: int | None,
        grace: float = 6.0,
    ) -> None:
        self._pack = pack
        self._lake = lake
        self._database = database
        self._audit = audit
        self._removals = removals
        self._days = days
        self._grace = grace

    def count(self, now: datetime) -> Retired:
        """What would go, without touching anything."""
        self._lake.refresh()
        return self._retired(now, None)

    def retire(self, now: datetime, *, by: Caller) -> Retired:
        """Delete what is past its retention, and its history.

        Raises
        ------
        NotAllowedError
            When the caller is no administrator.
        VoorzetError
            When another process is writing to the lake.
        """
        by.require(Role.ADMIN)
        with self._lake.sole_writer():
            self._lake.refresh()
            begun = self._removals.begin(Kind.RETENTION, by.subject, now, {})
            done = self._retired(now, by)
            if done.lake:
                time.sleep(self._grace)
            forget_history(self._lake)
            rows = {f"{table}/{source}": count for (table, source), count in done.lake.items()}
            self._removals.finish(
                begun,
                now,
                lake=self._lake.versions() if rows else {},
                removed=rows | done.database,
                cutoffs={source: cut.isoformat() for source, cut in done.cutoffs.items()},
            )
            self._audit.record("retention", by=by)
        overwrite_deleted(self._database)
        return done

    def _retired(self, now: datetime, by: Caller | None) -> Retired:
        """What goes; nothing does as long as nobody asks for it."""
        expired = retire(self._lake, self._pack.domain, now, dry_run=by is None)
        lake = {(table, source): rows for table, source, rows in expired.iter_rows()}
        database: dict[str, int] = {}
        if self._days is not None:
            cut = now - timedelta(days=self._days)
            database = self._of_the_office(cut, by)
        return Retired(lake, database, cutoffs(self._pack.domain, now), by is None)

    def _of_the_office(self, cut: datetime, by: Caller | None) -> dict[str, int]:
        """Rows by table. A dry run does it all and takes it back, so that it counts the same."""
        with self._database.write() as connection:
            counts = {
                table: connection.execute(change).rowcount
                for table, change in _changes(cut).items()
            }
            if by is None:
                connection.rollback()
            else:
                self._audit.forget(counts["audit"], by=by, within=connection)
        return {table: count for table, count in counts.items() if count}


def _changes(cut: datetime) -> dict[str, Delete | Update]:
    """What to delete of before ``cut``, by table, in the order in which tables lean on others."""
    old_slates = select(slates.c.id).where(slates.c.at < cut)
    old_campaigns = select(campaigns.c.id).where(campaigns.c.composed_at < cut)
    decided, suggested = select(decisions.c.suggestion), select(suggestions.c.slate)
    old = select(suggestions.c.id).where(
        suggestions.c.slate.in_(old_slates), suggestions.c.id.not_in(decided)
    )
    in_audit = update(audit).where(audit.c.at < cut, audit.c.citizen.is_not(None))
    return {
        "decisions": delete(decisions).where(decisions.c.at < cut),
        "outcomes": delete(outcomes).where(outcomes.c.suggestion.in_(old)),
        "suggestions": delete(suggestions).where(
            suggestions.c.slate.in_(old_slates), suggestions.c.id.not_in(decided)
        ),
        "slates": delete(slates).where(slates.c.at < cut, slates.c.id.not_in(suggested)),
        "approaches": delete(approaches).where(approaches.c.at < cut),
        "objections": delete(objections).where(objections.c.withdrawn_at < cut),
        "facts_told": delete(facts_told).where(facts_told.c.at < cut),
        "rights_requests": delete(rights_requests).where(rights_requests.c.settled_at < cut),
        "caseload": delete(caseload).where(caseload.c.ended_at < cut),
        "campaign_members": delete(campaign_members).where(
            campaign_members.c.campaign.in_(old_campaigns)
        ),
        "audit": in_audit.values(citizen=None),
    }
