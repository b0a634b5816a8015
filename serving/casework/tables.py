"""The tables of casework. Migration 0007 makes exactly these."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, LargeBinary, String, Table, Uuid
from sqlalchemy import Column as Of

from serving.schema import UtcMoment, tables

facts_told = Table(
    "facts_told",
    tables,
    Of("id", Uuid, primary_key=True),
    Of("citizen", BigInteger, nullable=False),
    Of("fact", String(63), nullable=False),
    Of("sealed", LargeBinary, nullable=False),
    Of("valid_from", UtcMoment, nullable=False),
    Of("purpose", String(63), nullable=False),
    Of("by", String(255), nullable=False),
    Of("by_name", String(255), nullable=False),
    Of("at", UtcMoment, nullable=False),
    Of("withdrawn_at", UtcMoment),
    Of("landed", Integer, nullable=False),
    Index("ix_facts_told_citizen", "citizen"),
)
"""What a citizen told a caseworker. The value is sealed under the citizen's key; ``landed`` is
how many of its versions (the telling, the withdrawal) the lake was given."""

caseload = Table(
    "caseload",
    tables,
    Of("id", Uuid, primary_key=True),
    Of("citizen", BigInteger, nullable=False),
    Of("worker", String(255), nullable=False),
    Of("reason", String(31), nullable=False),
    Of("since", UtcMoment, nullable=False),
    Of("by", String(255), nullable=False),
    Of("ended_at", UtcMoment),
    Index("ix_caseload_worker", "worker"),
    Index("ix_caseload_citizen", "citizen"),
)
"""Who is on whose caseload, since when and why; an entry ends, it is not deleted."""

rights_requests = Table(
    "rights_requests",
    tables,
    Of("id", Uuid, primary_key=True),
    Of("citizen", BigInteger, nullable=False),
    Of("kind", String(15), nullable=False),
    Of("source", String(63)),
    Of("about", String(63)),
    Of("sealed", LargeBinary),
    Of("by", String(255), nullable=False),
    Of("by_name", String(255), nullable=False),
    Of("at", UtcMoment, nullable=False),
    Of("settled_at", UtcMoment),
    Of("settled_by", String(255)),
    Index("ix_rights_requests_citizen", "citizen"),
)
"""What a citizen asked under the law: a ``correction`` at a source, or an ``erasure``."""

outcomes = Table(
    "outcomes",
    tables,
    Of("suggestion", Uuid, ForeignKey("suggestions.id"), primary_key=True),
    Of("citizen", BigInteger, nullable=False),
    Of("followed", String(15), nullable=False),
    Of("happened_at", UtcMoment),
    Of("known_at", UtcMoment),
    Of("joined_at", UtcMoment, nullable=False),
    Index("ix_outcomes_citizen", "citizen"),
)
"""What became of a suggestion that was computed: ``granted``, ``applied``, ``refused``, or
``nothing`` once its horizon is over."""
