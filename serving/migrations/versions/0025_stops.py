"""That suggestions were switched off, and on again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from serving.schema import UtcMoment

revision = "0025"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "stops",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.String(15), nullable=False),
        sa.Column("name", sa.String(255)),
        sa.Column("reason", sa.String(255), nullable=False),
        sa.Column("by", sa.String(255), nullable=False),
        sa.Column("at", UtcMoment(), nullable=False),
        sa.Column("lifted_by", sa.String(255)),
        sa.Column("lifted_at", UtcMoment()),
        sa.PrimaryKeyConstraint("id", name="pk_stops"),
    )


def downgrade() -> None:
    """Take the table away."""
    op.drop_table("stops")
