"""Notifications of cases that are still to be fetched."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from serving.schema import UtcMoment

revision = "0030"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "announcements",
        sa.Column("source", sa.String(63), nullable=False),
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("received_at", UtcMoment(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcMoment(), nullable=False),
        sa.PrimaryKeyConstraint("source", "name", name="pk_announcements"),
    )
    op.create_index("ix_announcements_due_at", "announcements", ["due_at"])


def downgrade() -> None:
    """Take the table away."""
    op.drop_table("announcements")
