"""The export: the one way in which a campaign's names and addresses leave the vault."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import polars as pl

from serving.campaigns.store import Campaign
from serving.identities import Identity, Vault
from serving.security import Caller

COLUMNS = ("citizen", "name", "address", "postcode", "city", "phone", "email", "service", "channel")
ADDRESS = ("address", "postcode", "city")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_csv(
    path: Path, campaign: Campaign, members: pl.DataFrame, vault: Vault, *, by: Caller, purpose: str
) -> int:
    """Write one row per person of ``members`` (citizen); returns how many.

    The pseudonym is a text. A protected address is left out: such a person is approached another
    way. A text that a spreadsheet would run as a formula is written with an apostrophe.
    """
    identities = vault.export(members["citizen"].to_list(), purpose=purpose, by=by)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="")
        writer.writeheader()
        for citizen in members["citizen"]:
            row = _contact(identities.get(citizen))
            row |= {
                "citizen": str(citizen),
                "service": campaign.service,
                "channel": campaign.channel,
            }
            writer.writerow(row)
    return members.height


def _contact(identity: Identity | None) -> dict[str, str]:
    if identity is None:
        return {}
    hidden = ADDRESS if identity.protected_address else ()
    return {
        name: _plain(getattr(identity, name))
        for name in ("name", *ADDRESS, "phone", "email")
        if name not in hidden
    }


def _plain(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
