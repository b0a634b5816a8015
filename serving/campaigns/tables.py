"""The tables of campaigns. Migration 0002 makes exactly these."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    Uuid,
)
from sqlalchemy import Column as Of

from serving.schema import UtcMoment, tables

campaigns = Table(
    "campaigns",
    tables,
    Of("id", Uuid, primary_key=True),
    Of("service", String(63), nullable=False),
    Of("channel", String(63), nullable=False),
    Of("capacity", Integer, nullable=False),
    Of("holdout", Float, nullable=False),
    Of("seed", BigInteger, nullable=False),
    Of("state", String(15), nullable=False),
    Of("as_of", UtcMoment, nullable=False),
    Of("model_version", String(255), nullable=False),
    Of("lake", Text, nullable=False),
    Of("counts", JSON, nullable=False),
    Of("by", String(255), nullable=False),
    Of("composed_at", UtcMoment, nullable=False),
    Of("drawn_at", UtcMoment),
    Of("exported_at", UtcMoment),
)
"""One campaign: ``composed``, ``drawn`` or ``exported``. ``counts`` says who is out and why."""

campaign_members = Table(
    "campaign_members",
    tables,
    Of("campaign", Uuid, ForeignKey("campaigns.id"), primary_key=True),
    Of("citizen", BigInteger, primary_key=True, autoincrement=False),
    Of("place", Integer, nullable=False),
    Of("need", Float, nullable=False),
    Of("arm", String(15)),
    Index("ix_campaign_members_citizen", "citizen"),
)
"""The pool, and once drawn the arm of each: ``approach`` or ``holdout``."""
