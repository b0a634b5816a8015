"""Putting the application together from a workspace. Tests do the same with parts of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from features.pack import Pack
from features.received import Reception
from serving.access import Access
from serving.announcements import Announcements
from serving.application import Application
from serving.approach import Approaches
from serving.audit import Audit
from serving.campaigns.desk import CampaignDesk
from serving.case_fetching import CaseFetcher, Site
from serving.caseload import Caseloads
from serving.casework.attention import Attentions
from serving.casework.audit_trail import AuditTrails
from serving.casework.facts_told import FactsTold
from serving.casework.office import Casework
from serving.casework.rights import Rights
from serving.catalogue import CatalogueView
from serving.database import Database
from serving.decisions import Decisions, utc_now
from serving.fresh import Fresh
from serving.identities import Vault
from serving.inbox import Inbox
from serving.insight import Insight
from serving.landing import Lander
from serving.objected import ObjectedNow
from serving.objections import Objections
from serving.people import People
from serving.process_insight import ProcessInsights
from serving.processing import ProcessingLog
from serving.readiness import Readiness
from serving.receiving import Receiving
from serving.repeats import Repeats
from serving.sealing import Sealing
from serving.security.discovery import Fetch
from serving.security.fetching import fetch, post_form
from serving.security.key_sets import KeySet
from serving.security.log_in import LogIn
from serving.security.oidc import OidcTokens
from serving.security.rates import Rates
from serving.security.sessions import Sessions
from serving.security.signing_in import SigningIn, TokenReader
from serving.security.tokens import Tokens
from serving.settling import Settling
from serving.standpoint import Champions, LakeView
from serving.stops import Stops
from serving.suggestions import Suggester
from serving.timelines import Timelines
from serving.workspace import FILE, Workspace, WorkspaceError
from serving.zgw_client import ZgwClient


def bootstrap(
    workspace: Workspace, *, now: Callable[[], datetime] = utc_now, fetch: Fetch = fetch
) -> Application:
    """The application of a workspace, with its database migrated.

    Parameters
    ----------
    now
        The clock that everything is seen by.
    fetch
        The client that fetches the identity provider's keys.
    """
    pack = workspace.load_pack()
    database = Database(workspace.database)
    database.migrate()
    sealing = Sealing(workspace.secret("vault"))
    audit = Audit(database, sealing)
    vault = Vault(database, sealing, audit)
    catalogue = CatalogueView(pack)
    fresh = Fresh(database)
    objected = ObjectedNow(database)
    lakes = LakeView(
        lambda: workspace.open_lake(beside=fresh, objections=objected), anew=fresh.look_anew
    )
    pseudonyms = workspace.pseudonyms(pack)
    champions = Champions(workspace.champion, pack)
    tokens = Tokens(workspace.secret("token"))
    doors = _doors(workspace, tokens, fetch)
    decisions = Decisions(pack, database, sealing, audit, now)
    objections = Objections(pack, database, audit)
    caseloads = Caseloads(database, audit, now)
    approaches = Approaches(database, sealing, audit, caseloads, now)
    access = Access(pack, audit, caseloads if workspace.caseload_only else None)
    told = FactsTold(pack, database, sealing, audit, now)
    suggester = Suggester(
        pack=pack,
        lakes=lakes,
        champions=champions,
        database=database,
        audit=audit,
        decisions=decisions,
        approaches=approaches,
        catalogue=catalogue,
        told=told,
        now=now,
        exploration=workspace.exploration,
        seed=workspace.seed,
    )
    return Application(
        pack=pack,
        database=database,
        sealing=sealing,
        vault=vault,
        audit=audit,
        tokens=tokens,
        signing_in=doors.api,
        log_in=doors.log_in,
        signing_in_to_pages=doors.pages,
        rates=Rates(workspace.rate_limit, workspace.rate_storage),
        access=access,
        suggester=suggester,
        timelines=Timelines(pack, lakes, audit, catalogue, database, told, now),
        people=People(pack, lakes, vault, pseudonyms, objections, audit, catalogue, now),
        deciding=decisions,
        objections=objections,
        approaches=approaches,
        campaigns=CampaignDesk(
            pack=pack,
            lakes=lakes,
            champions=champions,
            database=database,
            audit=audit,
            vault=vault,
            catalogue=catalogue,
            rest_days=workspace.contact_rest_days,
            now=now,
        ),
        insight=Insight(pack, database, audit, catalogue, now),
        process=ProcessInsights(pack, lakes, catalogue, now),
        repeats=Repeats(database, sealing),
        processing=ProcessingLog(pack, database, sealing, register=workspace.processing_register),
        catalogue=catalogue,
        stops=Stops(pack, database, audit, now),
        receiving=Receiving(
            pack=pack,
            lakes=lakes,
            reception=Reception(pack, pseudonyms, now),
            inbox=Inbox(database, workspace.inbox_most),
            announcements=Announcements(database),
            fetched=frozenset(_sites(workspace, pack)),
            vault=vault,
            senders=workspace.senders,
            now=now,
        ),
        casework=Casework(
            access,
            suggester,
            told,
            caseloads,
            Attentions(suggester, caseloads, vault),
            approaches,
            Rights(pack, lakes, database, sealing, audit, now),
            AuditTrails(database, audit),
        ),
        readiness=Readiness(pack, database, lakes, champions, now),
    )


def lander_of(workspace: Workspace, *, now: Callable[[], datetime] = utc_now) -> Lander:
    """What lands the inbox of a workspace, with connections of its own."""
    pack, database = workspace.load_pack(), Database(workspace.database)
    lake = workspace.open_lake(patience=0.0)
    return Lander(pack, database, lake, workspace.pseudonyms(pack), now)


def fetcher_of(workspace: Workspace, *, now: Callable[[], datetime] = utc_now) -> CaseFetcher:
    """What fetches the cases that were announced, with connections of its own."""
    pack, database = workspace.load_pack(), Database(workspace.database)
    sealing = Sealing(workspace.secret("vault"))
    return CaseFetcher(
        database,
        workspace.open_lake(patience=0.0),
        Reception(pack, workspace.pseudonyms(pack), now),
        Inbox(database, workspace.inbox_most),
        Vault(database, sealing, Audit(database, sealing)),
        _sites(workspace, pack),
        now,
    )


def settling_of(workspace: Workspace, *, now: Callable[[], datetime] = utc_now) -> Settling:
    """What settles a workspace, with connections of its own."""
    pack, database = workspace.load_pack(), Database(workspace.database)
    sealing = Sealing(workspace.secret("vault"))
    told = FactsTold(pack, database, sealing, Audit(database, sealing), now)
    return Settling(pack, database, workspace.open_lake(patience=0.0), told, now)


def _sites(workspace: Workspace, pack: Pack) -> dict[str, Site]:
    """The ZGW APIs by source; raises WorkspaceError for a source that has no use for them."""
    for source in workspace.zgw:
        files = pack.mappings[source].files if source in pack.mappings else ()
        if not any(file.format == "zgw-cases" for file in files):
            raise WorkspaceError(
                f"zgw.{source}: the pack has no mapping of format zgw-cases for a source of this "
                f"name; mend the name in {FILE}, or add the mapping"
            )
    return {source: Site(ZgwClient(apis), apis.roots) for source, apis in workspace.zgw.items()}


@dataclass(frozen=True, slots=True)
class _Doors:
    """Who comes in where."""

    api: SigningIn
    pages: SigningIn
    log_in: LogIn | None


def _doors(workspace: Workspace, tokens: Tokens, fetch: Fetch) -> _Doors:
    """Whose tokens count: those of the identity provider, or our own as long as there is none."""
    provider = workspace.oidc
    own = workspace.local_tokens or (workspace.local_tokens is None and provider is None)
    readers: list[TokenReader] = [tokens] if own else []
    if provider is None:
        return _Doors(SigningIn(*readers), SigningIn(*readers), None)
    theirs = OidcTokens(provider, KeySet(provider.issuer, provider.keys, fetch))
    readers.append(theirs)
    if provider.log_in is None:
        return _Doors(SigningIn(*readers), SigningIn(*readers), None)
    lasts = timedelta(hours=provider.log_in.session_hours)
    sessions = Sessions(workspace.secret("token"), lasts)
    log_in = LogIn(
        provider,
        provider.log_in,
        workspace.client_secret(),
        tokens=theirs,
        sessions=sessions,
        fetch=fetch,
        post=post_form,
    )
    return _Doors(SigningIn(*readers), SigningIn(*readers, sessions), log_in)
