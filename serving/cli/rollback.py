"""``voorzet rollback``: the champion before this one is champion again."""

from __future__ import annotations

from pathlib import Path

from serving.cli.console import JsonOption, WorkspaceOption, emit, open_workspace, say


def command(workspace: WorkspaceOption = Path(), json: JsonOption = False) -> None:
    """Go back to the champion before this one."""
    from models.promotion import rollback
    from models.registry import Registry

    opened = open_workspace(workspace)
    registry = Registry(opened.mlflow, opened.load_pack().domain.id)
    version = rollback(opened.bundles, announce=registry.crown)
    if json:
        emit({"champion": version})
    else:
        say(f"{version} is the champion again.")
