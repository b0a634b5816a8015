"""``voorzet suggest``: the cards of one citizen."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from serving.answers import Suggestions
from serving.cli.asking import TokenOption, operator
from serving.cli.console import JsonOption, WorkspaceOption, emit, open_workspace, say
from serving.errors import InvalidRequestError
from serving.security import Role


def command(
    citizen: Annotated[
        str | None, typer.Option(help="The citizen's pseudonym; asked for a number when not given.")
    ] = None,
    workspace: WorkspaceOption = Path(),
    purpose: Annotated[
        str | None, typer.Option(help="Why you look; the pack's first purpose by default.")
    ] = None,
    language: Annotated[str | None, typer.Option(help="Of the cards.")] = None,
    slots: Annotated[int, typer.Option(help="How many suggestions at most.", min=1, max=10)] = 5,
    token: TokenOption = None,
    json: JsonOption = False,
) -> None:
    """Suggest services for one citizen, with the reasons. Goes into ledger and audit."""
    from serving.bootstrap import bootstrap

    parts = bootstrap(open_workspace(workspace))
    by = operator(Role.CASEWORKER) if token is None else parts.caller(token)
    why = purpose or next(iter(parts.pack.domain.purposes))
    if citizen is None:  # a number on the command line would stand in the shell's history
        scheme = next(iter(parts.pack.domain.identifiers))
        number = typer.prompt(f"{scheme}", hide_input=True, err=True)
        who = parts.identify(scheme, number, purpose=why, by=by)
    else:
        who = _pseudonym(citizen)
    said = language or parts.pack.languages[0]
    found = parts.suggest(who, language=said, purpose=why, by=by, slots=slots)
    if json:
        emit(found.model_dump(mode="json", by_alias=True))
    else:
        _tell(found)


def _pseudonym(text: str) -> int:
    if not re.fullmatch(r"-?\d{1,19}", text) or not -(2**63) <= int(text) < 2**63:
        raise InvalidRequestError(
            "--citizen is a pseudonym: a whole number. Leave it out to be asked for a citizen "
            "service number."
        )
    return int(text)


def _tell(found: Suggestions) -> None:
    for place, card in enumerate((*found.cards, *found.interventions), start=1):
        say(f"{place}. [{card.group}] {card.headline}")
        for reason in card.reasons:
            say(f"     {reason.text}")
        for question in card.ask:
            say(f"     ? {question.text}")
    if not found.cards:
        say("Nothing is suggested.")
    say(f"{found.withheld} other services have an answer to why not. Model {found.model_version}.")
