"""``voorzet land``: what was received through the API, into the lake."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from serving.cli.console import JsonOption, WorkspaceOption, emit, open_workspace, say, steps


def command(
    workspace: WorkspaceOption = Path(),
    compact: Annotated[
        bool, typer.Option(help="Also put together what landed in small pieces.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Land what was received. The server does so by itself; this is for when it does not run."""
    from serving.bootstrap import bootstrap, fetcher_of, lander_of, settling_of

    opened = open_workspace(workspace)
    bootstrap(opened).database.close()  # the tables are up to date
    fetcher = fetcher_of(opened)
    with steps() as bars, bars.step("fetch"):
        fetched = fetcher.fetch()
    fetcher.database.close()
    lander = lander_of(opened)
    with steps() as bars, bars.step("land"):
        done = lander.land()
        rewritten = lander.compact() if compact else 0
    lander.close()
    lander.database.close()
    with steps() as bars, bars.step("settle"):
        settling = settling_of(opened)
        settled = settling.settle()
        settling.database.close()
    if json:
        told = {"fetched": fetched.cases, "not_fetched": fetched.put_off + fetched.given_up}
        told |= {"messages": done.messages, "batches": done.batches, "cleared": done.cleared}
        joined = {"facts_told": settled.facts, "outcomes": settled.outcomes}
        emit({**told, "rewritten": rewritten, **joined})
        return
    if opened.zgw:
        say(f"{fetched.cases:,} cases fetched; {fetched.put_off:,} are tried again later.")
    say(f"{done.messages:,} messages landed, in {done.batches:,} batches.")
    if compact:
        say(f"{rewritten:,} buckets were rewritten.")
    say(f"{settled.facts:,} answers landed, {settled.outcomes:,} outcomes joined to the ledger.")
