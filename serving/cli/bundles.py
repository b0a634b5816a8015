"""The bundles of a workspace: which there are, and which one is meant."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from serving.errors import NotReadyError
from serving.workspace import Workspace

if TYPE_CHECKING:
    from models.bundle import Bundle

MANIFEST = "manifest.json"


def bundle_folders(workspace: Workspace) -> list[Path]:
    """Every bundle that was trained here, oldest first. The champion is a pointer to one."""
    found = [
        folder
        for folder in workspace.bundles.glob("*")
        if folder.is_dir() and not folder.is_symlink() and (folder / MANIFEST).is_file()
    ]
    return sorted(found, key=lambda folder: (folder / MANIFEST).stat().st_mtime_ns)


def find_bundle(workspace: Workspace, version: str | None) -> Bundle:
    """The bundle of a version; the last one trained when none is named.

    Raises NotReadyError when there is none.
    """
    from models.bundle import Bundle

    folders = bundle_folders(workspace)
    if not folders:
        raise NotReadyError("no model was trained yet: run voorzet train first")
    if version is None:
        return Bundle.load(folders[-1])
    for folder in folders:
        if folder.name == version:
            return Bundle.load(folder)
    known = ", ".join(folder.name for folder in folders)
    raise NotReadyError(f"there is no model {version}; there are {known}")


def is_champion(workspace: Workspace, bundle: Bundle) -> bool:
    """Whether ``bundle`` is the one that scores."""
    return workspace.champion.resolve().name == bundle.version


def find_champion(workspace: Workspace) -> Bundle:
    """The bundle that scores; raises NotReadyError when none was promoted."""
    from models.bundle import Bundle

    if not workspace.champion.is_dir():
        raise NotReadyError("no model was promoted yet: run voorzet train and voorzet promote")
    return Bundle.load(workspace.champion)
