"""Processing records in the audit, how far they were handed on, and keys of repeated writes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from serving.schema import UtcMoment

revision = "0005"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and make the tables. Entries that were there began when they were made."""
    with op.batch_alter_table("audit") as audit:
        audit.add_column(sa.Column("status", sa.String(7), nullable=False, server_default="Unset"))
        audit.add_column(sa.Column("began", UtcMoment()))
        audit.add_column(sa.Column("trace", sa.String(32), nullable=False, server_default="0" * 32))
        audit.add_column(sa.Column("span", sa.String(16), nullable=False, server_default="0" * 16))
    op.execute('update audit set began = "at"')
    with op.batch_alter_table("audit") as audit:
        audit.alter_column("began", existing_type=UtcMoment(), nullable=False)
        for name, kind in (("status", 7), ("trace", 32), ("span", 16)):
            audit.alter_column(name, existing_type=sa.String(kind), server_default=None)
    op.create_table(
        "processing_exports",
        sa.Column("to", sa.String(63), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("to", name="pk_processing_exports"),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("by", sa.String(255), nullable=False),
        sa.Column("operation", sa.String(63), nullable=False),
        sa.Column("key", sa.LargeBinary(16), nullable=False),
        sa.Column("asked", sa.LargeBinary(16), nullable=False),
        sa.Column("at", UtcMoment(), nullable=False),
        sa.Column("answer", sa.LargeBinary()),
        sa.Column("citizen", sa.BigInteger()),
        sa.PrimaryKeyConstraint("by", "operation", "key", name="pk_idempotency_keys"),
    )
    op.create_index("ix_idempotency_keys_at", "idempotency_keys", ["at"])


def downgrade() -> None:
    """Take them away."""
    op.drop_table("idempotency_keys")
    op.drop_table("processing_exports")
    with op.batch_alter_table("audit") as audit:
        for name in ("span", "trace", "began", "status"):
            audit.drop_column(name)
