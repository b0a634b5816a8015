"""``voorzet stop``: switch suggestions off, for a service, a model or all, and on again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from features.errors import VoorzetError
from serving.cli.asking import operator
from serving.cli.console import JsonOption, WorkspaceOption, emit, open_workspace, say
from serving.security import Role

if TYPE_CHECKING:
    from serving.stops import Stop, Stops


def command(
    workspace: WorkspaceOption = Path(),
    service: Annotated[str | None, typer.Option(help="Only this service.")] = None,
    model: Annotated[str | None, typer.Option(help="Only this version of the model.")] = None,
    reason: Annotated[str | None, typer.Option(help="Why. Name no person here.")] = None,
    lift: Annotated[UUID | None, typer.Option(help="Switch on again what this id stopped.")] = None,
    show: Annotated[bool, typer.Option("--list", help="Only tell what is switched off.")] = False,
    json: JsonOption = False,
) -> None:
    """Switch suggestions off at once, on every worker; all of them when nothing is named."""
    from serving.bootstrap import bootstrap

    application = bootstrap(open_workspace(workspace))
    told = _do(application.stops, service, model, reason, lift, show=show)
    application.database.close()
    if json:
        emit({"stops": [one.model_dump(mode="json", by_alias=True) for one in told]})
        return
    for one in told:
        state = "stopped" if one.lifted_at is None else "on again"
        say(f"{state}: {one.name or 'all suggestions'} ({one.scope}) {one.id}: {one.reason}")
    if not told:
        say("Nothing is switched off.")


def _do(
    stops: Stops,
    service: str | None,
    model: str | None,
    reason: str | None,
    lift: UUID | None,
    *,
    show: bool,
) -> list[Stop]:
    from serving.stops import Scope

    by = operator(Role.ADMIN)
    if show:
        return [one for one in stops.every(by=by) if one.lifted_at is None]
    if lift is not None:
        return [stops.lift(lift, by=by)]
    if reason is None:
        raise VoorzetError("say why: --reason")
    if service is not None and model is not None:
        raise VoorzetError("give --service or --model, not both")
    if service is not None:
        return [stops.stop(Scope.SERVICE, service, reason=reason, by=by)]
    if model is not None:
        return [stops.stop(Scope.MODEL, model, reason=reason, by=by)]
    return [stops.stop(Scope.ALL, None, reason=reason, by=by)]
