"""What was received and has not landed in the lake yet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from serving.schema import UtcMoment

revision = "0006"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, and the one row that tells who lands."""
    op.create_table(
        "inbox",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("source", sa.String(63), nullable=False),
        sa.Column("mapping", sa.String(63), nullable=False),
        sa.Column("message", sa.String(32), nullable=False),
        sa.Column("content", sa.String(32), nullable=False),
        sa.Column("subject", sa.BigInteger()),
        sa.Column("citizen", sa.BigInteger()),
        sa.Column("records", sa.Text(), nullable=False),
        sa.Column("received_at", UtcMoment(), nullable=False),
        sa.Column("batch", sa.BigInteger()),
        sa.Column("landed_at", UtcMoment()),
        sa.PrimaryKeyConstraint("number", name="pk_inbox"),
        sa.UniqueConstraint("source", "message", name="uq_inbox_source_message"),
        sqlite_autoincrement=True,
    )
    for column in ("citizen", "batch", "landed_at"):
        op.create_index(f"ix_inbox_{column}", "inbox", [column])
    landing = op.create_table(
        "landing",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("batch", sa.BigInteger(), nullable=False),
        sa.Column("holder", sa.String(63)),
        sa.Column("until", UtcMoment()),
        sa.PrimaryKeyConstraint("id", name="pk_landing"),
    )
    op.bulk_insert(landing, [{"id": 1, "batch": 0}])


def downgrade() -> None:
    """Take the tables away."""
    op.drop_table("landing")
    op.drop_table("inbox")
