"""``voorzet campaign``: outreach with a randomised hold-out, from composing to its effect."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import polars as pl
import typer

from serving.cli.asking import AsOfOption, TokenOption, moment, operator
from serving.cli.bundles import find_champion
from serving.cli.console import JsonOption, Steps, WorkspaceOption, emit, open_workspace, say, steps
from serving.cli.simulate import TRUTH
from serving.errors import ConflictError, InvalidRequestError, NotSignedInError
from serving.security import Caller, Role
from serving.workspace import Workspace

if TYPE_CHECKING:
    from serving.campaigns.campaigns import Campaigns, Composed
    from serving.campaigns.targeting import By

ORDERS: tuple[By, ...] = ("need", "uplift", "random")
FALLBACKS: tuple[By, ...] = ("need", "random")
app = typer.Typer(help="Outreach campaigns with a randomised hold-out.", no_args_is_help=True)
CampaignOption = Annotated[UUID, typer.Option("--campaign", help="The campaign's id.")]


@app.command()
def compose(
    service: Annotated[str, typer.Option(help="The service to offer.")],
    capacity: Annotated[int, typer.Option(help="How many people can be approached.")],
    workspace: WorkspaceOption = Path(),
    channel: Annotated[str, typer.Option(help="How they are approached.")] = "letter",
    holdout: Annotated[float, typer.Option(help="The share kept from being approached.")] = 0.2,
    seed: Annotated[int | None, typer.Option(help="Of the draw, to repeat it.")] = None,
    by: Annotated[
        str | None,
        typer.Option(
            help="What people are ordered by: need, uplift or random; as the service says when "
            "not given."
        ),
    ] = None,
    otherwise: Annotated[
        str, typer.Option(help="And when uplift cannot be told: need or random.")
    ] = "need",
    as_of: AsOfOption = None,
    token: TokenOption = None,
    json: JsonOption = False,
) -> None:
    """Choose the people with unmet need to approach; see whom that reaches and misses."""
    from serving.campaigns.campaigns import Wanted

    opened = open_workspace(workspace)
    asked, caller = open_campaigns(opened, token)
    wanted = Wanted(
        service=service,
        channel=channel,
        capacity=capacity,
        holdout=holdout,
        rest_days=opened.contact_rest_days,
        seed=seed,
        by=None if by is None else _order(by, ORDERS),
        otherwise=_order(otherwise, FALLBACKS),
    )
    with steps() as bars:
        found = asked.compose(
            wanted,
            find_champion(opened),
            as_of=moment(asked.lake, as_of),
            by=caller,
            progress=lambda done: bars.advance("score", done, opened.buckets),
        )
    if json:
        emit({**found.campaign.as_dict(), "reach": found.reach.as_dict()})
        return
    _tell(found, language(opened, asked))


@app.command()
def draw(
    campaign: CampaignOption,
    workspace: WorkspaceOption = Path(),
    token: TokenOption = None,
    json: JsonOption = False,
) -> None:
    """Let chance decide who is approached and who is held out; doing it again changes nothing."""
    asked, by = open_campaigns(open_workspace(workspace), token)
    drawn = asked.draw(campaign, by=by)
    counts = asked.counts(campaign)
    if json:
        emit({**drawn.as_dict(), "arms": counts})
    else:
        say(f"{counts['approach']} people are approached, {counts['holdout']} are held out.")
        say(f"Next: voorzet campaign export --campaign {campaign} --token <token> --out <file>")


@app.command()
def export(
    campaign: CampaignOption,
    out: Annotated[Path, typer.Option(help="The CSV file to write.")],
    workspace: WorkspaceOption = Path(),
    token: TokenOption = None,
    json: JsonOption = False,
) -> None:
    """Write names and addresses of the approached, for a token that may. Every read is audited."""
    opened = open_workspace(workspace)
    if token is None:
        raise NotSignedInError(
            "an export goes back to names: give --token, made with voorzet token --role outreach"
        )
    asked, by = open_campaigns(opened, token)
    count = asked.export(campaign, out, by=by)
    if json:
        emit({"campaign": str(campaign), "people": count, "file": str(out)})
    else:
        say(f"{count} people in {out}. Who is held out is not in it.")


@app.command()
def report(
    campaign: CampaignOption,
    workspace: WorkspaceOption = Path(),
    as_of: AsOfOption = None,
    token: TokenOption = None,
    json: JsonOption = False,
) -> None:
    """What the campaign caused: the difference with the hold-out, with its interval."""
    opened = open_workspace(workspace)
    asked, by = open_campaigns(opened, token)
    now = datetime.now(UTC) if as_of is None else moment(asked.lake, as_of)
    found = asked.report(campaign, now=now, by=by)
    title = asked.pack.say(asked.pack.services[found.service].title, language(opened, asked))
    sentence = found.sentence(title, language(opened, asked))
    if json:
        emit({"sentence": sentence, **found.as_dict()})
    else:
        say(sentence)


@app.command(name="simulate-outcomes")
def simulate_outcomes(
    campaign: CampaignOption, workspace: WorkspaceOption = Path(), json: JsonOption = False
) -> None:
    """Demonstration only: let the invented people respond, and ingest that as if a year later."""
    opened = open_workspace(workspace)
    with steps() as bars:
        claims, later = respond_to(opened, campaign, bars)
    if json:
        emit({"claims": claims, "asOf": later.isoformat()})
    else:
        say(
            f"{claims} people will have claimed. Next: voorzet campaign report "
            f"--campaign {campaign} --as-of {later:%Y-%m-%d}"
        )


def respond_to(workspace: Workspace, campaign: UUID, bars: Steps) -> tuple[int, datetime]:
    """Writes and ingests the responses; returns how many claim, and when all will be known."""
    from features.ingest import ingest
    from features.sources.synthetic.respond import respond
    from serving.campaigns.drawing import APPROACH

    if not (workspace.folder / TRUTH).is_dir():
        raise InvalidRequestError("only an invented municipality has outcomes to simulate")
    asked, _ = open_campaigns(workspace, None)
    found = asked.store.get(campaign)
    if found.drawn_at is None:
        raise ConflictError("draw the campaign first: nobody was approached yet")
    pseudonyms, folder = workspace.pseudonyms(asked.pack), workspace.folder / "responses"
    members = asked.store.members(campaign)
    claims = respond(
        asked.pack,
        workspace.folder / TRUTH,
        folder,
        members.select("citizen", approached=pl.col("arm") == APPROACH),
        name=f"campagne-{campaign.hex[:8]}",
        service=found.service,
        channel=found.channel,
        drawn_on=found.drawn_at.date(),
        citizen_of=lambda numbers: pseudonyms.of("bsn", numbers),
        seed=found.seed,
    )
    later = found.drawn_at + timedelta(days=366)
    with bars.step("ingest"):
        ingest(asked.pack, asked.lake, pseudonyms, folder, now=later)
    return claims, later


@app.command()
def recorded(
    workspace: WorkspaceOption = Path(), as_of: AsOfOption = None, json: JsonOption = False
) -> None:
    """What campaigns caused that a source drew by lot and recorded: all together, per service."""
    opened = open_workspace(workspace)
    found = recorded_results(opened, as_of=as_of)
    if json:
        emit({"campaigns": found})
        return
    for one in found:
        say(one["sentence"])


def recorded_results(
    workspace: Workspace, *, as_of: datetime | None = None
) -> list[dict[str, Any]]:
    """Every effect that can be read from the lake, with its sentence."""
    from serving.campaigns.recorded import EVERYTHING, recorded_effects

    pack, lake = workspace.load_pack(), workspace.open_lake()
    said = workspace.language or pack.languages[0]
    results = []
    for one in recorded_effects(lake, pack, moment(lake, as_of)):
        channel = pack.domain.channels.get(one.channel)
        by = pack.say(channel.title, said) if channel else one.channel
        service = None if one.service == EVERYTHING else pack.services[one.service]
        title = f"{by}, {pack.say(service.title, said)}" if service else by
        results.append({"sentence": one.sentence(title.capitalize(), said), **one.as_dict()})
    return results


@app.command(name="list")
def list_campaigns(
    workspace: WorkspaceOption = Path(), token: TokenOption = None, json: JsonOption = False
) -> None:
    """All campaigns, newest first."""
    asked, by = open_campaigns(open_workspace(workspace), token)
    by.require(Role.OUTREACH)
    every = asked.store.all()
    if json:
        emit({"campaigns": [one.as_dict() for one in every]})
        return
    for one in every:
        say(f"{one.id}  {one.service}  {one.channel}  {one.state}  {one.composed_at:%Y-%m-%d}")
    say(f"{len(every)} campaigns.")


def open_campaigns(workspace: Workspace, token: str | None) -> tuple[Campaigns, Caller]:
    """What can be asked of campaigns, and who asks: the token's holder, or the operator."""
    from serving.bootstrap import bootstrap
    from serving.campaigns.campaigns import Campaigns

    parts = bootstrap(workspace)
    by = operator(Role.OUTREACH) if token is None else parts.caller(token)
    lake = workspace.open_lake()
    return Campaigns(parts.pack, lake, parts.database, parts.audit, parts.vault), by


def language(workspace: Workspace, asked: Campaigns) -> str:
    """The workspace's language, or the pack's first."""
    return workspace.language or asked.pack.languages[0]


def _order(word: str, known: tuple[By, ...]) -> By:
    chosen = next((one for one in known if one == word), None)
    if chosen is None:
        raise InvalidRequestError(f"people are ordered by {' or '.join(known)}, not by {word}")
    return chosen


def _tell(composed: Composed, language: str) -> None:
    campaign, reached, targeting = composed.campaign, composed.reach, composed.targeting
    counts = campaign.counts
    say(
        f"{counts['candidates']:,} of {counts['population']:,} people may need {campaign.service} "
        f"and can be approached; {reached.pool:,} of them are the pool."
    )
    say(targeting.sentence(language))
    if expected := targeting.expected(campaign.capacity, language):
        say(expected)
    for reason, count in counts["withheld"].items():
        say(f"  left out: {count:,} × {reason}")
    for group in reached.groups:
        if group.hidden:
            say(f"  {group.grouping} {group.group}: too few to show")
        else:
            say(f"  {group.grouping} {group.group}: {group.rate.value:.0%} of {group.n:,} reached")
    say(f"Next: voorzet campaign draw --campaign {campaign.id}")
