"""``voorzet erase``: a citizen out of everything, and the proof that nothing is left."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import polars as pl
import typer

from features.pseudonyms import bsn_valid, normalise_bsn
from serving.cli.asking import operator
from serving.cli.console import (
    JsonOption,
    WorkspaceOption,
    emit,
    fail,
    open_workspace,
    say,
    steps,
)
from serving.errors import InvalidRequestError
from serving.security import Role
from serving.workspace import Workspace

if TYPE_CHECKING:
    from features.pack import Pack
    from serving.erasing import Erased, Eraser, Theirs


def command(
    workspace: WorkspaceOption = Path(),
    numbers: Annotated[
        Path | None,
        typer.Option(help="A file with an identifier on each line; - for standard input."),
    ] = None,
    scheme: Annotated[
        str | None, typer.Option(help="What kind of identifiers; the pack's first by default.")
    ] = None,
    citizen: Annotated[
        list[str] | None, typer.Option(help="A pseudonym instead; may be given more than once.")
    ] = None,
    unfinished: Annotated[
        bool, typer.Option("--unfinished", help="Only finish what was cut off.")
    ] = False,
    delete_deliveries: Annotated[
        bool,
        typer.Option(
            "--delete-deliveries", help="Delete the sources' landed files that name them."
        ),
    ] = False,
    grace: Annotated[
        float, typer.Option(help="Seconds that requests under way may still read old files.", min=0)
    ] = 6.0,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether it is meant.")] = False,
    json: JsonOption = False,
) -> None:
    """Erase citizens for good. A number is asked for, never given on the command line.

    Exit status 1 when anything of them is left.
    """
    opened = open_workspace(workspace)
    pack = opened.load_pack()
    eraser = open_eraser(opened, pack, grace)
    asked = _asked(opened, pack, numbers, scheme, citizen or [], unfinished)
    _check_known(eraser, asked)
    if not yes:
        _confirm(asked)
    with steps() as bars, bars.step("erase and look"):
        erased = eraser.erase(asked, by=operator(Role.ADMIN), delete_deliveries=delete_deliveries)
    if json:
        emit(erased.as_dict())
    else:
        _tell(erased)
    if not erased.clean:
        raise typer.Exit(1)


def open_eraser(workspace: Workspace, pack: Pack, grace: float) -> Eraser:
    """What erases in ``workspace``, with its database migrated."""
    from serving.bootstrap import bootstrap
    from serving.erasing import Eraser
    from serving.removals import Removals
    from serving.sealing import Sealing

    parts = bootstrap(workspace)
    return Eraser(
        workspace,
        pack,
        workspace.open_lake(),
        workspace.pseudonyms(pack),
        parts.database,
        parts.vault,
        parts.audit,
        Removals(parts.database, Sealing(workspace.secret("vault"))),
        grace=grace,
    )


def _asked(
    workspace: Workspace,
    pack: Pack,
    numbers: Path | None,
    scheme: str | None,
    citizens: list[str],
    unfinished: bool,
) -> Theirs:
    """Who is to be erased, out of what was given or is asked for."""
    from serving.erasing import Theirs

    if unfinished:
        return Theirs(frozenset())
    if citizens:
        return Theirs(frozenset(_pseudonym(one) for one in citizens))
    scheme = scheme or next(iter(pack.domain.identifiers))
    if scheme not in pack.domain.identifiers:
        known = ", ".join(pack.domain.identifiers)
        raise InvalidRequestError(
            f"the pack has no identifiers of the kind {scheme}; it has {known}"
        )
    given = _checked(_read(numbers, scheme), is_bsn=pack.domain.identifiers[scheme] == "bsn")
    pseudonyms = workspace.pseudonyms(pack)
    return Theirs(frozenset(pseudonyms.one(scheme, one) for one in given), frozenset(given))


def _read(numbers: Path | None, scheme: str) -> list[str]:
    if numbers is None:
        lines = [typer.prompt(f"The {scheme} to erase (not shown)", hide_input=True, err=True)]
    elif str(numbers) == "-":
        lines = sys.stdin.read().splitlines()
    else:
        lines = numbers.read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip()]


def _checked(given: list[str], *, is_bsn: bool) -> list[str]:
    """The identifiers as the lake's pseudonyms are made of; a wrong one stops everything."""
    if not given:
        raise InvalidRequestError("no identifier was given: put one on each line")
    if not is_bsn:
        return given
    texts = normalise_bsn(pl.Series(given, dtype=pl.String))
    wrong = (~bsn_valid(texts)).arg_true()
    if len(wrong):
        lines = ", ".join(str(place + 1) for place in wrong)
        raise InvalidRequestError(
            f"line {lines}: not a BSN (it fails the 11-test); nobody was erased"
        )
    return texts.to_list()


def _pseudonym(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 2**63
    if not -(2**63) <= number < 2**63:
        raise InvalidRequestError("--citizen is a pseudonym: a whole number of 64 bits")
    return number


def _check_known(eraser: Eraser, asked: Theirs) -> None:
    """A tombstone for the wrong person would keep their records out: nobody unknown gets one."""
    unknown = sum(not eraser.knows(one) for one in asked.citizens)
    if unknown:
        raise InvalidRequestError(
            f"{unknown} of {len(asked.citizens)} citizens are not known here, so nobody was "
            "erased: check what was given, and its kind (--scheme)"
        )


def _confirm(asked: Theirs) -> None:
    people = f"{len(asked.citizens)} citizens" if asked.citizens else "what was cut off"
    typer.confirm(f"Erase {people} for good? This cannot be undone.", abort=True, err=True)


def _tell(erased: Erased) -> None:
    for what, count in erased.removed.items():
        say(f"{what}: {count:,} removed or changed")
    for title, looked in (("", erased.looked), ("deliveries: ", erased.deliveries)):
        for place in looked.found:
            fail(f"{title}left in {place}")
        for path in looked.unread:
            fail(f"{title}{path} cannot be read, so nobody knows what it holds: delete or mend it")
    if erased.deliveries.found:
        fail(
            "The sources' files still name them: delete these (--delete-deliveries does so with "
            "files that were landed), and ask the source to stop delivering them."
        )
    if not erased.citizens:
        say("Nothing was cut off: there is nothing to finish.")
    elif erased.looked.clean:
        tables, files = erased.looked.tables, erased.looked.files
        say(f"Found nothing of {erased.citizens} citizens in {tables} tables and {files} files.")
