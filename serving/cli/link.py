"""``voorzet link``: who the people are that a silo knows without a BSN; and why it thinks so."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from serving.cli.asking import operator
from serving.cli.console import JsonOption, WorkspaceOption, emit, open_workspace, say, steps
from serving.errors import InvalidRequestError
from serving.security import Role
from serving.workspace import Workspace

if TYPE_CHECKING:
    from features.linkage.linking import Linked
    from serving.linking import Linking

MODEL = "linkage.json"


def command(
    workspace: WorkspaceOption = Path(),
    explain: Annotated[
        str | None, typer.Option(help="Say why, for the pseudonym of one person of a silo.")
    ] = None,
    train: Annotated[
        bool, typer.Option("--train", help="Learn the weights again from the people there are.")
    ] = False,
    language: Annotated[str | None, typer.Option(help="Of the explanation.")] = None,
    json: JsonOption = False,
) -> None:
    """Link people of silos without a BSN to citizens, by what the vault knows of both."""
    opened = open_workspace(workspace)
    linking = linking_of(opened)
    if explain is not None:
        _explain(
            linking, pseudonym(explain, "--explain"), language or linking.pack.languages[0], json
        )
        return
    with steps() as bars, bars.step("link"):
        found = linking.link(
            by=operator(Role.ADMIN), now=datetime.now(UTC), train=train, seed=opened.seed
        )
    if json:
        emit(_as_dict(found))
    else:
        _tell(found)


def linking_of(workspace: Workspace) -> Linking:
    """The linking of a workspace."""
    from serving.bootstrap import bootstrap
    from serving.linking import Linking

    parts = bootstrap(workspace)
    return Linking(
        pack=parts.pack,
        lake=workspace.open_lake(),
        vault=parts.vault,
        audit=parts.audit,
        model=workspace.folder / MODEL,
    )


def pseudonym(text: str, option: str) -> int:
    """A pseudonym given as ``option``; raises InvalidRequestError for what is none."""
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()) or not -(2**63) <= int(text) < 2**63:
        raise InvalidRequestError(f"{option} takes a pseudonym: a whole number.")
    return int(text)


def _explain(linking: Linking, alias: int, language: str, json: bool) -> None:
    told = linking.explain(alias, language=language, by=operator(Role.ADMIN))
    if json:
        emit({"alias": str(alias), "candidates": [{"citizen": str(c), "why": w} for c, w in told]})
        return
    for citizen, why in told:
        say(str(citizen))
        for line in why:
            say(f"     {line}")
    if not told:
        say("This person was compared with nobody.")


def _as_dict(found: Linked) -> dict[str, object]:
    return {
        "aliases": found.aliases,
        "citizens": found.citizens,
        "pairs": found.pairs,
        "written": found.written,
        "counts": found.by_purpose,
        "model": found.model.checksum,
    }


def _tell(found: Linked) -> None:
    say(f"{found.aliases:,} people without a BSN compared with {found.citizens:,} citizens.")
    say(f"{found.pairs:,} pairs may be the same person; {found.written:,} are new or changed.")
    for purpose, count in found.by_purpose.items():
        told = "uses no such links" if count is None else f"{count:,} count"
        say(f"     {purpose}: {told}")
