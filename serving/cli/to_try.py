"""Whom to look up in a demonstration: people with much to suggest, by the name they have there."""

from __future__ import annotations

import polars as pl

from serving.cli.asking import operator
from serving.security import Role
from serving.workspace import Workspace

PEOPLE = 3


def people_to_try(workspace: Workspace) -> list[tuple[str, str]]:
    """Name and date of birth of the people with most unmet need; read from the vault, audited."""
    from serving.bootstrap import bootstrap

    scores = sorted((workspace.folder / "scores").glob("*.parquet"))
    if not scores:
        return []
    most = (
        pl.scan_parquet(scores[-1])
        .filter(pl.col("shown"))
        .group_by("citizen")
        .agg(pl.col("need").sum())
        .sort("need", "citizen", descending=[True, False])
        .head(PEOPLE)
        .collect()
    )
    parts = bootstrap(workspace)
    known = parts.vault.read(
        [int(citizen) for citizen in most["citizen"]],
        purpose=next(iter(parts.pack.domain.purposes)),
        by=operator(Role.CASEWORKER),
    )
    return [
        (one.name, "" if one.birth_date is None else one.birth_date.isoformat())
        for one in known.values()
        if one.name
    ]
