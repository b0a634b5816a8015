"""Campaigns and their members."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from serving.schema import UtcMoment

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "campaigns",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service", sa.String(63), nullable=False),
        sa.Column("channel", sa.String(63), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("holdout", sa.Float(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(15), nullable=False),
        sa.Column("as_of", UtcMoment(), nullable=False),
        sa.Column("model_version", sa.String(255), nullable=False),
        sa.Column("lake", sa.Text(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(255), nullable=False),
        sa.Column("composed_at", UtcMoment(), nullable=False),
        sa.Column("drawn_at", UtcMoment()),
        sa.Column("exported_at", UtcMoment()),
        sa.PrimaryKeyConstraint("id", name="pk_campaigns"),
    )
    op.create_table(
        "campaign_members",
        sa.Column("campaign", sa.Uuid(), nullable=False),
        sa.Column("citizen", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("need", sa.Float(), nullable=False),
        sa.Column("arm", sa.String(15)),
        sa.ForeignKeyConstraint(
            ["campaign"], ["campaigns.id"], name="fk_campaign_members_campaign"
        ),
        sa.PrimaryKeyConstraint("campaign", "citizen", name="pk_campaign_members"),
    )
    op.create_index("ix_campaign_members_citizen", "campaign_members", ["citizen"])


def downgrade() -> None:
    """Take the tables away."""
    op.drop_table("campaign_members")
    op.drop_table("campaigns")
