"""``voorzet reproduce``: train a model again as it was trained, and compare."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from serving.cli.bundles import find_bundle
from serving.cli.console import JsonOption, WorkspaceOption, emit, open_workspace, say, steps
from serving.cli.evaluate import removed_since
from serving.cli.train import shown_suggestions

DIFFERENT = 2


def command(
    workspace: WorkspaceOption = Path(),
    model: Annotated[
        str | None, typer.Option(help="The version; the last one trained by default.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Train a model again from what was known then, and say whether the same comes out.

    Nothing is written or registered. Exit status 2 when another model comes out.
    """
    from models.reproducing import reproduce

    opened = open_workspace(workspace)
    bundle = find_bundle(opened, model)
    removed = removed_since(opened, bundle)
    with steps() as bars:
        found = reproduce(
            opened.open_lake(),
            opened.load_pack(),
            bundle,
            shown=shown_suggestions(opened),
            threads=opened.threads,
            progress=bars.advance,
        )
    if json:
        emit({**found.as_dict(), "removed_since": [one.as_dict() for one in removed]})
    elif found.same_model:
        say(f"The same model came out: {found.version}.")
    elif found.same_data:
        say(f"The data were the same, and {found.again.version} came out: compare the libraries.")
    else:
        say(f"Another model came out, {found.again.version}: it saw other data.")
        for one in removed:
            say(f"Records were taken out since ({one.kind}, {one.at:%Y-%m-%d}).")
        if not removed:
            say("Nothing was erased since: a source corrected what it had told, or links changed.")
    if not found.same_model:
        raise typer.Exit(DIFFERENT)
