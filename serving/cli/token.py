"""``voorzet token``: a token for development, signed with the workspace's own key."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from serving.cli.console import JsonOption, WorkspaceOption, emit, open_workspace
from serving.security import Caller, Role
from serving.security.tokens import Tokens
from serving.workspace import Workspace


def command(
    role: Annotated[list[Role], typer.Option(help="What the holder may do; may be repeated.")],
    workspace: WorkspaceOption = Path(),
    subject: Annotated[str, typer.Option(help="The stable id of the holder.")] = "local",
    name: Annotated[str, typer.Option(help="How colleagues know the holder.")] = "Local user",
    hours: Annotated[int, typer.Option(help="For how long it is valid.", min=1)] = 12,
    json: JsonOption = False,
) -> None:
    """Print a bearer token. For development; production uses your identity provider."""
    text = make_token(open_workspace(workspace), role, subject=subject, name=name, hours=hours)
    if json:
        emit({"token": text, "roles": [str(one) for one in role], "hours": hours})
    else:
        print(text)


def make_token(
    workspace: Workspace, roles: list[Role], *, subject: str, name: str, hours: int = 12
) -> str:
    """The signed token."""
    tokens = Tokens(workspace.secret("token"))
    return tokens.issue(Caller(subject, name, frozenset(roles)), timedelta(hours=hours))
