"""Facts told, caseloads, requests under the law, outcomes, and why an approach was chosen."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from serving.schema import UtcMoment

revision = "0007"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "facts_told",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("citizen", sa.BigInteger(), nullable=False),
        sa.Column("fact", sa.String(63), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("valid_from", UtcMoment(), nullable=False),
        sa.Column("purpose", sa.String(63), nullable=False),
        sa.Column("by", sa.String(255), nullable=False),
        sa.Column("by_name", sa.String(255), nullable=False),
        sa.Column("at", UtcMoment(), nullable=False),
        sa.Column("withdrawn_at", UtcMoment()),
        sa.Column("landed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_facts_told"),
    )
    op.create_index("ix_facts_told_citizen", "facts_told", ["citizen"])
    op.create_table(
        "caseload",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("citizen", sa.BigInteger(), nullable=False),
        sa.Column("worker", sa.String(255), nullable=False),
        sa.Column("reason", sa.String(31), nullable=False),
        sa.Column("since", UtcMoment(), nullable=False),
        sa.Column("by", sa.String(255), nullable=False),
        sa.Column("ended_at", UtcMoment()),
        sa.PrimaryKeyConstraint("id", name="pk_caseload"),
    )
    op.create_index("ix_caseload_worker", "caseload", ["worker"])
    op.create_index("ix_caseload_citizen", "caseload", ["citizen"])
    op.create_table(
        "rights_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("citizen", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(15), nullable=False),
        sa.Column("source", sa.String(63)),
        sa.Column("about", sa.String(63)),
        sa.Column("sealed", sa.LargeBinary()),
        sa.Column("by", sa.String(255), nullable=False),
        sa.Column("by_name", sa.String(255), nullable=False),
        sa.Column("at", UtcMoment(), nullable=False),
        sa.Column("settled_at", UtcMoment()),
        sa.Column("settled_by", sa.String(255)),
        sa.PrimaryKeyConstraint("id", name="pk_rights_requests"),
    )
    op.create_index("ix_rights_requests_citizen", "rights_requests", ["citizen"])
    op.create_table(
        "outcomes",
        sa.Column("suggestion", sa.Uuid(), nullable=False),
        sa.Column("citizen", sa.BigInteger(), nullable=False),
        sa.Column("followed", sa.String(15), nullable=False),
        sa.Column("happened_at", UtcMoment()),
        sa.Column("known_at", UtcMoment()),
        sa.Column("joined_at", UtcMoment(), nullable=False),
        sa.ForeignKeyConstraint(["suggestion"], ["suggestions.id"], name="fk_outcomes_suggestion"),
        sa.PrimaryKeyConstraint("suggestion", name="pk_outcomes"),
    )
    op.create_index("ix_outcomes_citizen", "outcomes", ["citizen"])
    op.add_column("approaches", sa.Column("reason", sa.String(63)))
    op.add_column("approaches", sa.Column("sealed", sa.LargeBinary()))


def downgrade() -> None:
    """Take them away."""
    op.drop_column("approaches", "sealed")
    op.drop_column("approaches", "reason")
    for table in ("outcomes", "rights_requests", "caseload", "facts_told"):
        op.drop_table(table)
