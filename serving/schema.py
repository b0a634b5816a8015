"""The tables of the database. The migrations in :mod:`serving.migrations` make exactly these.

No name and no number of a citizen stands here unencrypted: a citizen is a pseudonym, and what a
person wrote about them is sealed under that citizen's own key.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy import Column as Of
from sqlalchemy.types import TypeDecorator


class UtcMoment(TypeDecorator[datetime]):
    """A moment, in UTC; SQLite itself forgets time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuses a moment without a time zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Gives the time zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


tables = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

slates = Table(
    "slates",
    tables,
    Of("id", Uuid, primary_key=True),
    Of("citizen", BigInteger, nullable=False),
    Of("purpose", String(63), nullable=False),
    Of("language", String(8), nullable=False),
    Of("by", String(255), nullable=False),
    Of("at", UtcMoment, nullable=False),
    Of("as_of", UtcMoment, nullable=False),
    Of("lake", Text, nullable=False),
    Of("pack", String(64), nullable=False),
    Of("model_version", String(255), nullable=False),
    Of("exploration", Float, nullable=False),
    Index("ix_slates_citizen_at", "citizen", "at"),
)
"""One request for suggestions: what was asked, and the snapshot and model it was answered from."""

suggestions = Table(
    "suggestions",
    tables,
    Of("id", Uuid, primary_key=True),
    Of("slate", Uuid, ForeignKey("slates.id"), nullable=False),
    Of("citizen", BigInteger, nullable=False),
    Of("service", String(63), nullable=False),
    Of("kind", String(15), nullable=False),
    Of("shown", Boolean, nullable=False),
    Of("position", Integer),
    Of("rank", Integer),
    Of("group", String(8), nullable=False),
    Of("deadline", UtcMoment),
    Of("eligible", Boolean),
    Of("entitled", Float),
    Of("unaided", Float),
    Of("need", Float),
    Of("basis", String(8)),
    Of("propensity", Float),
    Of("explored", Boolean, nullable=False),
    Of("withheld_by", String(63)),
    Of("withheld_reason", String(63)),
    Index("ix_suggestions_slate", "slate"),
    Index("ix_suggestions_citizen_service", "citizen", "service"),
)
"""The ledger: every candidate of every slate, shown or withheld."""

decisions = Table(
    "decisions",
    tables,
    Of("id", Uuid, primary_key=True),
    Of("suggestion", Uuid, ForeignKey("suggestions.id"), nullable=False),
    Of("citizen", BigInteger, nullable=False),
    Of("service", String(63), nullable=False),
    Of("outcome", String(15), nullable=False),
    Of("reason", String(63)),
    Of("comment", LargeBinary),
    Of("until", Date),
    Of("by", String(255), nullable=False),
    Of("by_name", String(255), nullable=False),
    Of("at", UtcMoment, nullable=False),
    Of("key", String(255)),
    UniqueConstraint("by", "key", name="uq_decisions_by_key"),
    Index("ix_decisions_citizen_at", "citizen", "at"),
    Index("ix_decisions_suggestion", "suggestion"),
)
"""What a person did with a suggestion. ``key`` makes a repeated request harmless."""

objections = Table(
    "objections",
    tables,
    Of("id", Uuid, primary_key=True),
    Of("citizen", BigInteger, nullable=False),
    Of("service", String(63)),
    Of("by", String(255), nullable=False),
    Of("at", UtcMoment, nullable=False),
    Of("withdrawn_at", UtcMoment),
    Index("ix_objections_citizen", "citizen"),
)

approaches = Table(
    "approaches",
    tables,
    Of("id", Uuid, primary_key=True),
    Of("citizen", BigInteger, nullable=False),
    Of("choice", String(15), nullable=False),
    Of("by", String(255), nullable=False),
    Of("by_name", String(255), nullable=False),
    Of("at", UtcMoment, nullable=False),
    Of("reason", String(63)),
    Of("sealed", LargeBinary),
    Index("ix_approaches_citizen_at", "citizen", "at"),
)
"""Whether a citizen was given a personal approach, who owns it, and why; what was written about it
and the signs of that moment are sealed."""

audit = Table(
    "audit",
    tables,
    Of("number", BigInteger, primary_key=True, autoincrement=False),
    Of("at", UtcMoment, nullable=False),
    Of("by", String(255), nullable=False),
    Of("action", String(63), nullable=False),
    Of("purpose", String(63)),
    Of("citizen", BigInteger),
    Of("sealed", LargeBinary),
    Of("status", String(7), nullable=False),
    Of("began", UtcMoment, nullable=False),
    Of("trace", String(32), nullable=False),
    Of("span", String(16), nullable=False),
    Of("previous", LargeBinary(32), nullable=False),
    Of("hash", LargeBinary(32), nullable=False),
    Index("ix_audit_citizen_at", "citizen", "at"),
)
"""Who looked at what: a record of the audit and a record of processing in one. Each row's hash
runs over its ciphertext and the row before it."""

audit_head = Table(
    "audit_head",
    tables,
    Of("id", Integer, primary_key=True, autoincrement=False),
    Of("number", BigInteger, nullable=False),
    Of("hash", LargeBinary(32), nullable=False),
)
"""One row: the end of the chain. Writing it first makes writers take turns."""

processing_exports = Table(
    "processing_exports",
    tables,
    Of("to", String(63), primary_key=True),
    Of("number", BigInteger, nullable=False),
)
"""Up to which entry the audit's processing records were handed to whom."""

idempotency_keys = Table(
    "idempotency_keys",
    tables,
    Of("by", String(255), primary_key=True),
    Of("operation", String(63), primary_key=True),
    Of("key", LargeBinary(16), primary_key=True),
    Of("asked", LargeBinary(16), nullable=False),
    Of("at", UtcMoment, nullable=False),
    Of("answer", LargeBinary),
    Of("citizen", BigInteger),
    Index("ix_idempotency_keys_at", "at"),
)
"""Writes that may be repeated: keyed hashes of the key and of what was asked, and the answer,
sealed; without an answer as long as the first is under way."""

vault_keys = Table(
    "vault_keys",
    tables,
    Of("citizen", BigInteger, primary_key=True, autoincrement=False),
    Of("wrapped", LargeBinary, nullable=False),
)
"""Each citizen's data key, wrapped by the vault's. Destroying a row erases what it sealed."""

vault = Table(
    "vault",
    tables,
    Of("citizen", BigInteger, primary_key=True, autoincrement=False),
    Of("sealed", LargeBinary, nullable=False),
    Of("fingerprint", LargeBinary(16), nullable=False),
)

vault_index = Table(
    "vault_index",
    tables,
    Of("token", LargeBinary(16), primary_key=True),
    Of("citizen", BigInteger, primary_key=True, autoincrement=False),
    Index("ix_vault_index_citizen", "citizen"),
)
"""Keyed hashes of numbers and of the beginnings of names, to search by."""

removals = Table(
    "removals",
    tables,
    Of("id", Uuid, primary_key=True),
    Of("kind", String(15), nullable=False),
    Of("by", String(255), nullable=False),
    Of("at", UtcMoment, nullable=False),
    Of("citizens", Integer, nullable=False),
    Of("lake", JSON, nullable=False),
    Of("removed", JSON, nullable=False),
    Of("cutoffs", JSON, nullable=False),
    Of("pending", LargeBinary),
    Of("finished_at", UtcMoment),
)
"""That something was erased or retired, without saying of whom. ``citizens`` is a count;
``pending`` is sealed, and there only until the removal is finished."""

inbox = Table(
    "inbox",
    tables,
    Of("number", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Of("source", String(63), nullable=False),
    Of("mapping", String(63), nullable=False),
    Of("message", String(32), nullable=False),
    Of("content", String(32), nullable=False),
    Of("subject", BigInteger),
    Of("citizen", BigInteger),
    Of("records", Text, nullable=False),
    Of("received_at", UtcMoment, nullable=False),
    Of("batch", BigInteger),
    Of("landed_at", UtcMoment),
    UniqueConstraint("source", "message", name="uq_inbox_source_message"),
    Index("ix_inbox_citizen", "citizen"),
    Index("ix_inbox_batch", "batch"),
    Index("ix_inbox_landed_at", "landed_at"),
)
"""What was received and has not landed yet, or just has. ``message`` and ``content`` are keyed
hashes of the sender's name for it and of what it says; ``subject`` is the pseudonym as delivered,
``citizen`` who that is; ``records`` is JSON (:data:`features.received.Kept`)."""

landing = Table(
    "landing",
    tables,
    Of("id", Integer, primary_key=True, autoincrement=False),
    Of("batch", BigInteger, nullable=False),
    Of("holder", String(63)),
    Of("until", UtcMoment),
)
"""One row: the last batch that was numbered, and who may land until when."""

stops = Table(
    "stops",
    tables,
    Of("id", Uuid, primary_key=True),
    Of("scope", String(15), nullable=False),
    Of("name", String(255)),
    Of("reason", String(255), nullable=False),
    Of("by", String(255), nullable=False),
    Of("at", UtcMoment, nullable=False),
    Of("lifted_by", String(255)),
    Of("lifted_at", UtcMoment),
)
"""That suggestions were switched off for a service, a model or all, and on again."""

announcements = Table(
    "announcements",
    tables,
    Of("source", String(63), primary_key=True),
    Of("name", String(32), primary_key=True),
    Of("content", Text, nullable=False),
    Of("received_at", UtcMoment, nullable=False),
    Of("tries", Integer, nullable=False),
    Of("due_at", UtcMoment, nullable=False),
    Index("ix_announcements_due_at", "due_at"),
)
"""ZGW notifications whose case is still to be fetched. ``content`` holds their required fields,
which are addresses and words of the standard, and nothing else of them."""
