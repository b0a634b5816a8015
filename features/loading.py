"""Read a domain pack from its folder, and check it whole.

A pack is ``domain.yaml``, ``services.yaml`` (or a folder ``services/`` of such files), and where
needed ``parameters.yaml``, ``life_events.yaml``, ``sources/*.yaml`` and signal families of its own
in ``families/*.py``, which is code and runs. What is loaded can be relied on: every name refers to
something, every text is there in every language, every criterion is SQL that runs. The checks are
in :mod:`features.checks`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from pydantic import Field

from features.catalogue import Service
from features.checks import Draft, check
from features.domain import Domain, Identifier, LifeEvent, Name, Parameter, Strict
from features.errors import PackError
from features.families.own import family_files, own_families
from features.pack import Pack
from features.pack_files import Key, PackFile, read_pack_file
from features.sources.mapping import SourceMapping

T = TypeVar("T")


class ServicesFile(Strict):
    """The shape of ``services.yaml``."""

    services: dict[Identifier, Service] = Field(min_length=1)


class ParametersFile(Strict):
    """The shape of ``parameters.yaml``."""

    parameters: dict[Name, Parameter]


class LifeEventsFile(Strict):
    """The shape of ``life_events.yaml``."""

    life_events: dict[Identifier, LifeEvent]


def load_pack(folder: Path) -> Pack:
    """Read and check the pack in ``folder``.

    Raises
    ------
    PackError
        At the first fault: its file, key and line, what was expected and what to do.
    """
    if not folder.is_dir():
        raise PackError(folder.name, "", f"there is no such folder: {folder}")
    files = {path: read_pack_file(folder, path) for path in _paths(folder)}
    draft = _draft(folder, files)
    check(draft)
    return _with_reasons(draft.pack)


def _paths(folder: Path) -> list[Path]:
    """The files of a pack, in a fixed order."""
    if not (folder / "domain.yaml").is_file():
        raise PackError("domain.yaml", "", f"is missing; expected it in {folder}")
    parts = sorted(folder.glob("services/*.yaml"))
    single = folder / "services.yaml"
    if single.is_file() and parts:
        raise PackError("services.yaml", "", "give services.yaml or the folder services, not both")
    if not single.is_file() and not parts:
        raise PackError("services.yaml", "", f"is missing; expected it in {folder}")
    optional = [folder / "parameters.yaml", folder / "life_events.yaml"]
    return [
        folder / "domain.yaml",
        *(parts or [single]),
        *(path for path in optional if path.is_file()),
        *sorted(folder.glob("sources/*.yaml")),
    ]


def _draft(folder: Path, files: dict[Path, PackFile]) -> Draft:
    """The pack as its files say it, with the file in which each thing stands."""
    domain = files[folder / "domain.yaml"]
    services: dict[str, Service] = {}
    mappings: dict[str, SourceMapping] = {}
    homes: dict[str, PackFile] = {}
    parameters = life_events = None
    read = domain.parse(Domain)
    for path, file in files.items():
        if path.parent.name == "sources":
            mapping = file.parse(SourceMapping)
            _once(mappings, {mapping.source: mapping}, file, lambda _: ("source",))
            homes[f"sources.{mapping.source}"] = file
        elif path.name == "parameters.yaml":
            parameters = file
        elif path.name == "life_events.yaml":
            life_events = file
        elif file is not domain:
            found = file.parse(ServicesFile).services
            _once(services, found, file, lambda name: ("services", name))
            homes.update({f"services.{name}": file for name in found})
    pack = Pack(
        folder=folder,
        domain=read,
        services=services,
        parameters=parameters.parse(ParametersFile).parameters if parameters else {},
        life_events=life_events.parse(LifeEventsFile).life_events if life_events else {},
        mappings=mappings,
        checksum=_checksum(folder, [*files, *family_files(folder)]),
        own_families=own_families(folder),
    )
    return Draft(pack, domain, parameters or domain, life_events or domain, homes)


def _with_reasons(pack: Pack) -> Pack:
    """The pack with the domain's override reasons before each service's own."""
    shared = pack.domain.override_reasons
    services = {
        name: service.model_copy(update={"override_reasons": (*shared, *service.override_reasons)})
        for name, service in pack.services.items()
    }
    return replace(pack, services=services)


def _once(
    into: dict[str, T], found: dict[str, T], file: PackFile, key: Callable[[str], Key]
) -> None:
    for name in sorted(found.keys() & into.keys()):
        raise file.fault(key(name), f"{name!r} is given in another file too; keep one")
    into.update(found)


def _checksum(folder: Path, files: list[Path]) -> str:
    """SHA-256 over the names and bytes of the files, sorted by name."""
    digest = hashlib.sha256()
    for path in sorted(files, key=lambda one: one.relative_to(folder).as_posix()):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()
