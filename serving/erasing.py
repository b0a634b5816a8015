"""Erasing a citizen from a workspace, and proving it by looking.

Everything is done in an order in which being cut off does no harm: tombstones first, so that
nobody comes back meanwhile; what is to be looked for is kept, sealed, until nothing was found.
Doing it again finishes.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from features.deliveries import landed_deliveries
from features.erasure import bury, erase, everyone_in, pseudonyms_of
from features.lake import Lake
from features.leftovers import Sought
from features.pack import Pack
from features.pseudonyms import Pseudonyms
from features.rewriting import forget_history
from features.scrubbing import Scrubber
from features.tombstones import Tombstones
from serving.audit import Audit
from serving.database import Database
from serving.decisions import utc_now
from serving.erased_rows import erase_rows, everyone, overwrite_deleted
from serving.identities import Identity, Vault
from serving.kept_files import blot_logs, clean_parquet
from serving.landing import Lander
from serving.leftovers import Looked, look_in_database, look_in_files, look_in_lake
from serving.removals import Kind, Removals
from serving.security import Caller, Role
from serving.workspace import Workspace

DELIVERIES = ("silos", "responses")
"""Where files of sources may lie in a workspace: they are looked through apart."""
INVENTED = ("truth",)
"""What only a simulation has."""


@dataclass(frozen=True, slots=True)
class Theirs:
    """All that stands for the people to erase.

    Parameters
    ----------
    citizens
        Pseudonyms, aliases included.
    numbers
        Identifiers as they are written.
    names
        Names, telephone numbers and e-mail addresses, as the vault knew them.
    """

    citizens: frozenset[int]
    numbers: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()

    def __or__(self, other: Theirs) -> Theirs:
        """Both."""
        return Theirs(
            self.citizens | other.citizens, self.numbers | other.numbers, self.names | other.names
        )

    def as_dict(self) -> dict[str, list[Any]]:
        """For the sealed note of what is under way."""
        return {
            "citizens": sorted(self.citizens),
            "numbers": sorted(self.numbers),
            "names": sorted(self.names),
        }

    @classmethod
    def from_dict(cls, told: dict[str, list[Any]]) -> Theirs:
        """What :meth:`as_dict` wrote."""
        return cls(*(frozenset(told[name]) for name in cls.__slots__))


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure came to.

    Parameters
    ----------
    citizens
        How many people, as they were given.
    removed
        How many rows were removed or changed, by table and kind of file.
    looked
        What is left in the workspace.
    deliveries
        What is left in files of sources, which are the sources' own.
    """

    citizens: int
    removed: dict[str, int]
    looked: Looked
    deliveries: Looked

    @property
    def clean(self) -> bool:
        """Whether nothing is left anywhere."""
        return self.looked.clean and self.deliveries.clean

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "citizens": self.citizens,
            "removed": self.removed,
            "clean": self.clean,
            **self.looked.as_dict(),
            "deliveries": self.deliveries.as_dict(),
        }


class Eraser:
    """Erases citizens from one workspace.

    Parameters
    ----------
    grace
        Seconds between the new files and the end of the old ones: a request that is being
        answered reads what it began with.
    """

    def __init__(
        self,
        workspace: Workspace,
        pack: Pack,
        lake: Lake,
        pseudonyms: Pseudonyms,
        database: Database,
        vault: Vault,
        audit: Audit,
        removals: Removals,
        *,
        grace: float = 6.0,
    ) -> None:
        self._workspace = workspace
        self._pack = pack
        self._lake = lake
        self._pseudonyms = pseudonyms
        self._database = database
        self._vault = vault
        self._audit = audit
        self._removals = removals
        self._grace = grace

    def erase(self, asked: Theirs, *, by: Caller, delete_deliveries: bool = False) -> Erased:
        """Erase ``asked``, and whoever an erasure that was cut off, or a tombstone, still names.

        With ``delete_deliveries`` the files of sources that name them go as well, where all of
        the file has been landed.

        Raises
        ------
        NotAllowedError
            When the caller is no administrator.
        VoorzetError
            When another process is writing to the lake.
        """
        by.require(Role.ADMIN)
        with self._lake.sole_writer():
            self._lake.refresh()
            unfinished = self._removals.unfinished(Kind.ERASURE)
            people = set(asked.citizens)
            for told in unfinished.values():
                people |= set(told["people"])
                asked |= Theirs.from_dict(told)
            asked |= Theirs(self._still_here())
            if not asked.citizens:
                return Erased(0, {}, Looked(), Looked())
            people = people or set(asked.citizens)
            theirs = self._all_of(asked, by)
            pending = theirs.as_dict() | {"people": sorted(people)}
            begun = self._removals.begin(Kind.ERASURE, by.subject, datetime.now(UTC), pending)
            removed = self._remove(theirs, by, len(people))
            looked = self.look(theirs)
            deliveries = self.look_in_deliveries(theirs)
            if delete_deliveries and self._delete(deliveries):
                deliveries = self.look_in_deliveries(theirs)
            if looked.clean:
                self._finish(begun, len(people), removed)
        return Erased(len(people), removed, looked, deliveries)

    def is_called_for(self) -> bool:
        """Whether an erasure was cut off, or somebody with a tombstone stands somewhere."""
        return bool(self._removals.unfinished(Kind.ERASURE) or self._still_here())

    def knows(self, citizen: int) -> bool:
        """Whether anything stands here of a citizen, or did before they were erased."""
        tombstones = Tombstones(self._lake.scan("tombstones").collect(), self._pseudonyms)
        return (
            tombstones.has(citizen)
            or citizen in everyone(self._database)
            or citizen in everyone_in(self._lake)
        )

    def look(self, theirs: Theirs) -> Looked:
        """Look for them in every file and table of the workspace, those of sources apart."""
        sought = self._sought(theirs)
        folder, looked = self._workspace.folder, Looked()
        look_in_files(self._own_folders(), folder, sought, looked)
        if not self._database.is_sqlite:
            look_in_database(self._database.engine, "database", sought, looked)
        look_in_lake(self._lake, sought, looked)
        return looked

    def look_in_deliveries(self, theirs: Theirs) -> Looked:
        """Look in the files of sources; a name there may be somebody else's of that name."""
        looked = Looked()
        sought = Sought(theirs.citizens, theirs.numbers)
        look_in_files(self._delivery_folders(), self._workspace.folder, sought, looked)
        return looked

    def _delete(self, deliveries: Looked) -> int:
        """Delete the landed files in which something was found."""
        folder = self._workspace.folder
        named = {one.place for one in deliveries.found}
        gone = [
            path
            for place in self._delivery_folders()
            for path, landed in landed_deliveries(
                self._pack, self._pseudonyms, self._lake, place
            ).items()
            if landed and path.exists() and any(_place(path, folder) in one for one in named)
        ]
        for path in gone:
            path.unlink()
        return len(gone)

    def _still_here(self) -> frozenset[int]:
        """Who has a tombstone and stands somewhere all the same."""
        tombstones = Tombstones(self._lake.scan("tombstones").collect(), self._pseudonyms)
        if not tombstones:
            return frozenset()
        here = everyone(self._database) | everyone_in(self._lake)
        return frozenset(one for one in here if tombstones.has(one))

    def _all_of(self, asked: Theirs, by: Caller) -> Theirs:
        """``asked`` with every alias, and with what the vault knows them by."""
        citizens = pseudonyms_of(self._lake, asked.citizens)
        known = self._vault.read(sorted(citizens), purpose="erasure", by=by)
        numbers = {one.identifier for one in known.values() if one.identifier}
        names = {name for one in known.values() for name in _names(one)}
        return asked | Theirs(citizens, frozenset(numbers), frozenset(names))

    def _remove(self, theirs: Theirs, by: Caller, people: int) -> dict[str, int]:
        tokens = self._tokens(theirs)
        bury(self._lake, self._pseudonyms, [*theirs.citizens, *tokens], datetime.now(UTC))
        removed = erase(self._lake, self._pseudonyms, theirs.citizens, tokens)
        if removed:
            time.sleep(self._grace)
        forget_history(self._lake)
        rows = clean_parquet(self._file_folders(), theirs.citizens)
        logs = blot_logs(self._workspace.logs, self._sought(theirs))
        # What was received and names them lands without their names, or not at all.
        Lander(self._pack, self._database, self._lake, self._pseudonyms, utc_now).drain()
        with self._database.write() as connection:
            removed |= erase_rows(connection, sorted(theirs.citizens))
            self._audit.record(f"erase {people} citizens", by=by, within=connection)
            self._audit.forget(removed.get("audit", 0), by=by, within=connection)
        overwrite_deleted(self._database)
        return removed | {kind: count for kind, count in (("files", rows), ("logs", logs)) if count}

    def _finish(self, begun: UUID, people: int, removed: dict[str, int]) -> None:
        self._removals.finish(
            begun,
            datetime.now(UTC),
            lake=self._lake.versions(),
            removed=removed,
            citizens=people,
        )
        overwrite_deleted(self._database)

    def _sought(self, theirs: Theirs) -> Sought:
        texts = theirs.numbers | theirs.names | frozenset(self._tokens(theirs))
        return Sought(theirs.citizens, texts)

    def _tokens(self, theirs: Theirs) -> list[str]:
        """What stands for their numbers in notes; a number that is no BSN gets none."""
        scrubber = Scrubber(self._pseudonyms)
        told = {number: scrubber.text(number) for number in theirs.numbers}
        return sorted({token for number, token in told.items() if token != number})

    # -- where to look ---------------------------------------------------------------------

    def _delivery_folders(self) -> list[Path]:
        folder = self._workspace.folder
        every = [self._workspace.silos, *(folder / name for name in DELIVERIES)]
        return [path for path in dict.fromkeys(every) if path.is_dir()]

    def _own_folders(self) -> list[Path]:
        apart = {path.resolve() for path in self._delivery_folders()}
        apart |= {(self._workspace.folder / name).resolve() for name in INVENTED}
        places = [*sorted(self._workspace.folder.iterdir()), *self._elsewhere()]
        return [path for path in places if path.resolve() not in apart]

    def _file_folders(self) -> list[Path]:
        """The folders of what commands left: all but the lake."""
        lake = Path(self._workspace.lake).resolve()
        return [path for path in self._own_folders() if path.resolve() != lake]

    def _elsewhere(self) -> list[Path]:
        """What the settings keep outside the folder."""
        places = [self._workspace.bundles, self._workspace.reports, self._workspace.logs]
        if "://" not in self._workspace.lake:
            places.append(Path(self._workspace.lake))
        for address in (self._workspace.database, self._workspace.mlflow):
            if address.startswith("sqlite:///"):
                path = address.removeprefix("sqlite:///")
                places += [Path(path + end) for end in ("", "-wal", "-shm")]
        return [path for path in places if path.exists()]


def _place(path: Path, folder: Path) -> str:
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)


def _names(identity: Identity) -> list[str]:
    return [one for one in (identity.name, identity.phone, identity.email) if one]
