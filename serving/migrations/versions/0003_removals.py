"""What was erased or retired, and when; without saying of whom."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from serving.schema import UtcMoment

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "removals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(15), nullable=False),
        sa.Column("by", sa.String(255), nullable=False),
        sa.Column("at", UtcMoment(), nullable=False),
        sa.Column("citizens", sa.Integer(), nullable=False),
        sa.Column("lake", sa.JSON(), nullable=False),
        sa.Column("removed", sa.JSON(), nullable=False),
        sa.Column("cutoffs", sa.JSON(), nullable=False),
        sa.Column("pending", sa.LargeBinary()),
        sa.Column("finished_at", UtcMoment()),
        sa.PrimaryKeyConstraint("id", name="pk_removals"),
    )


def downgrade() -> None:
    """Take the table away."""
    op.drop_table("removals")
