"""Linking and unlinking in a workspace: the vault's persons to the linker, and its figures back.

Only figures leave here. What was compared is not in them, nor in the audit.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from features.lake import Lake
from features.linkage.explaining import explained
from features.linkage.linking import Linked, link
from features.linkage.model import LinkageModel
from features.linkage.persons import PERSONS
from features.linkage.undoing import Undone, in_force, unlink
from features.matches import standing
from features.pack import Pack
from features.separations import without_separated
from serving.audit import Audit
from serving.identities import Identity, Vault
from serving.security import Caller, Role


@dataclass(frozen=True)
class Linking:
    """Finds who the people of silos without a BSN are, says why, and takes it back.

    Parameters
    ----------
    model
        The file that the learnt model is kept in: figures of nobody.
    """

    pack: Pack
    lake: Lake
    vault: Vault
    audit: Audit
    model: Path

    def link(self, *, by: Caller, now: datetime, train: bool = False, seed: int = 1) -> Linked:
        """Compare everybody whom the vault knows. The model is learnt once, and again when asked:
        the same people then weigh the same from run to run."""
        by.require(Role.ADMIN)
        persons = persons_of(self.vault.everybody(by=by))
        known = self.model.is_file() and not train
        model = LinkageModel.from_json(self.model.read_text("utf-8")) if known else None
        found = link(persons, self.lake, self.pack, now=now, model=model, seed=seed)
        self.model.write_text(found.model.to_json() + "\n", encoding="utf-8")
        return found

    def explain(self, alias: int, *, language: str, by: Caller) -> list[tuple[int, list[str]]]:
        """The candidates of ``alias``, likeliest first, each with why in sentences."""
        by.require(Role.ADMIN)
        rows = self.lake.scan("matches").filter(pl.col("alias") == alias).collect()
        kept = without_separated(standing(rows), self.lake.scan("separations").collect())
        likely = kept.sort("probability", "citizen", descending=[True, False])
        told = [
            (row["citizen"], explained(row, likely.height - 1, self.pack, language))
            for row in likely.iter_rows(named=True)
        ]
        self.audit.record("explain link", by=by, citizens=[alias, *(one for one, _ in told)])
        return told

    def unlink(
        self, alias: int, citizen: int | None, *, source: str, by: Caller, now: datetime
    ) -> Undone:
        """Undo a link in the lake, then in the vault. Repeating it finishes what was cut off."""
        by.require(Role.ADMIN)
        undone = unlink(self.lake, alias, citizen, source=source, now=now)
        aliases = in_force(self.lake)

        def ends(pseudonyms: list[int]) -> list[int]:
            return aliases.resolve(pl.Series(pseudonyms, dtype=pl.Int64)).to_list()

        self.vault.settle(undone.citizens, ends, by=by)
        self.audit.record("unlink", by=by, citizens=[undone.alias, *undone.citizens])
        return undone


def persons_of(identities: Iterable[Identity]) -> pl.DataFrame:
    """Identities as :data:`features.linkage.persons.PERSONS`; without a name nobody is compared."""
    rows = (
        (one.citizen, one.scheme, one.name, one.birth_date, one.address, one.postcode)
        for one in identities
        if one.name
    )
    return pl.DataFrame(rows, schema=PERSONS, orient="row")
