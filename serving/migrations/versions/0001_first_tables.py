"""The first tables: ledger, decisions, objections, approaches, audit and vault."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from serving.schema import UtcMoment

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and the first link of the audit chain."""
    op.create_table(
        "slates",
        sa.Column("id", sa.Uuid),
        sa.Column("citizen", sa.BigInteger, nullable=False),
        sa.Column("purpose", sa.String(63), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("by", sa.String(255), nullable=False),
        sa.Column("at", UtcMoment, nullable=False),
        sa.Column("as_of", UtcMoment, nullable=False),
        sa.Column("lake", sa.Text, nullable=False),
        sa.Column("pack", sa.String(64), nullable=False),
        sa.Column("model_version", sa.String(255), nullable=False),
        sa.Column("exploration", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_slates"),
    )
    op.create_index("ix_slates_citizen_at", "slates", ["citizen", "at"])
    op.create_table(
        "suggestions",
        sa.Column("id", sa.Uuid),
        sa.Column(
            "slate",
            sa.Uuid,
            sa.ForeignKey("slates.id", name="fk_suggestions_slate"),
            nullable=False,
        ),
        sa.Column("citizen", sa.BigInteger, nullable=False),
        sa.Column("service", sa.String(63), nullable=False),
        sa.Column("kind", sa.String(15), nullable=False),
        sa.Column("shown", sa.Boolean, nullable=False),
        sa.Column("position", sa.Integer),
        sa.Column("rank", sa.Integer),
        sa.Column("group", sa.String(8), nullable=False),
        sa.Column("deadline", UtcMoment),
        sa.Column("eligible", sa.Boolean),
        sa.Column("entitled", sa.Float),
        sa.Column("unaided", sa.Float),
        sa.Column("need", sa.Float),
        sa.Column("basis", sa.String(8)),
        sa.Column("propensity", sa.Float),
        sa.Column("explored", sa.Boolean, nullable=False),
        sa.Column("withheld_by", sa.String(63)),
        sa.Column("withheld_reason", sa.String(63)),
        sa.PrimaryKeyConstraint("id", name="pk_suggestions"),
    )
    op.create_index("ix_suggestions_slate", "suggestions", ["slate"])
    op.create_index("ix_suggestions_citizen_service", "suggestions", ["citizen", "service"])
    op.create_table(
        "decisions",
        sa.Column("id", sa.Uuid),
        sa.Column(
            "suggestion",
            sa.Uuid,
            sa.ForeignKey("suggestions.id", name="fk_decisions_suggestion"),
            nullable=False,
        ),
        sa.Column("citizen", sa.BigInteger, nullable=False),
        sa.Column("service", sa.String(63), nullable=False),
        sa.Column("outcome", sa.String(15), nullable=False),
        sa.Column("reason", sa.String(63)),
        sa.Column("comment", sa.LargeBinary),
        sa.Column("until", sa.Date),
        sa.Column("by", sa.String(255), nullable=False),
        sa.Column("by_name", sa.String(255), nullable=False),
        sa.Column("at", UtcMoment, nullable=False),
        sa.Column("key", sa.String(255)),
        sa.UniqueConstraint("by", "key", name="uq_decisions_by_key"),
        sa.PrimaryKeyConstraint("id", name="pk_decisions"),
    )
    op.create_index("ix_decisions_citizen_at", "decisions", ["citizen", "at"])
    op.create_index("ix_decisions_suggestion", "decisions", ["suggestion"])
    op.create_table(
        "objections",
        sa.Column("id", sa.Uuid),
        sa.Column("citizen", sa.BigInteger, nullable=False),
        sa.Column("service", sa.String(63)),
        sa.Column("by", sa.String(255), nullable=False),
        sa.Column("at", UtcMoment, nullable=False),
        sa.Column("withdrawn_at", UtcMoment),
        sa.PrimaryKeyConstraint("id", name="pk_objections"),
    )
    op.create_index("ix_objections_citizen", "objections", ["citizen"])
    op.create_table(
        "approaches",
        sa.Column("id", sa.Uuid),
        sa.Column("citizen", sa.BigInteger, nullable=False),
        sa.Column("choice", sa.String(15), nullable=False),
        sa.Column("by", sa.String(255), nullable=False),
        sa.Column("by_name", sa.String(255), nullable=False),
        sa.Column("at", UtcMoment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_approaches"),
    )
    op.create_index("ix_approaches_citizen_at", "approaches", ["citizen", "at"])
    op.create_table(
        "audit",
        sa.Column("number", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("at", UtcMoment, nullable=False),
        sa.Column("by", sa.String(255), nullable=False),
        sa.Column("action", sa.String(63), nullable=False),
        sa.Column("purpose", sa.String(63)),
        sa.Column("citizen", sa.BigInteger),
        sa.Column("sealed", sa.LargeBinary),
        sa.Column("previous", sa.LargeBinary(32), nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit"),
    )
    op.create_index("ix_audit_citizen_at", "audit", ["citizen", "at"])
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_head"),
    )
    op.create_table(
        "vault_keys",
        sa.Column("citizen", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("citizen", name="pk_vault_keys"),
    )
    op.create_table(
        "vault",
        sa.Column("citizen", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(16), nullable=False),
        sa.PrimaryKeyConstraint("citizen", name="pk_vault"),
    )
    op.create_table(
        "vault_index",
        sa.Column("token", sa.LargeBinary(16)),
        sa.Column("citizen", sa.BigInteger, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("token", "citizen", name="pk_vault_index"),
    )
    op.create_index("ix_vault_index_citizen", "vault_index", ["citizen"])
    op.execute(
        sa.text("insert into audit_head (id, number, hash) values (1, 0, :hash)").bindparams(
            sa.bindparam("hash", bytes(32), type_=sa.LargeBinary())
        )
    )


def downgrade() -> None:
    """Drop them, the last first."""
    op.drop_table("vault_index")
    op.drop_table("vault")
    op.drop_table("vault_keys")
    op.drop_table("audit_head")
    op.drop_table("audit")
    op.drop_table("approaches")
    op.drop_table("objections")
    op.drop_table("decisions")
    op.drop_table("suggestions")
    op.drop_table("slates")
