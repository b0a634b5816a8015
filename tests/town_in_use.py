"""The simulated municipality after some days of use, with everything it left behind.

After the demonstration (which trains, keeps MLflow, scores and reports) a campaign is drawn,
mistakes are made on the command line, and API and pages are used over HTTP until things break.
What was said on a screen and every address that appeared is kept beside the workspace.
"""

from __future__ import annotations

import gzip
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import polars as pl

from serving.bootstrap import bootstrap
from serving.campaigns.campaigns import Wanted
from serving.cli.asking import moment
from serving.cli.bundles import find_champion
from serving.cli.campaign import open_campaigns
from serving.cli.token import make_token
from serving.identities import Identity
from serving.security import Caller, Role
from serving.workspace import Workspace
from tests.conftest import Municipality
from tests.serving.process import serving, voorzet
from tests.traces import Text

PURPOSE = "income-support"
DESK = Caller("balie", "Balie", frozenset({Role.CASEWORKER}))
ROLES = [Role.CASEWORKER, Role.OUTREACH, Role.AUDITOR]
APART = ("silos", "truth", "secrets")
"""Where people may stand: what the silos delivered, the simulator's truth, and keys."""
FORM_TOKEN = re.compile(r'name="form_token" value="([0-9a-f]{64})"')
ADDRESS = re.compile(r'(?:href|src|action)="([^"]*)"')


@dataclass
class TownInUse:
    """A workspace that was used."""

    workspace: Workspace
    said: list[Text] = field(default_factory=list)
    """What commands and the server said on the screen."""
    addresses: list[str] = field(default_factory=list)
    """Every address that was asked, answered with or linked to, and headers of answers."""
    statuses: list[int] = field(default_factory=list)
    """Of the requests, in order."""


def people_of(municipality: Municipality) -> pl.DataFrame:
    """Everyone the simulator made, with all that tells who they are (and their wrong numbers)."""
    register = pl.read_csv(
        municipality.workspace.silos / "register" / "personen.csv",
        separator=";", encoding="latin1", infer_schema=False,
    ).select(
        bsn="BSN", name="Naam", phone="Telefoon", email="Email",
        address="Adres", postcode="Postcode",
    )  # fmt: skip
    truth = pl.read_parquet(municipality.truth / "persons.parquet")
    known = truth.select("bsn", "name", "phone", "email").cast(pl.String)
    return pl.concat([register, known], how="diagonal").unique()


def use(municipality: Municipality, folder: Path) -> TownInUse:
    """Uses a copy of ``municipality``; the workspace is ``folder`` / "used"."""
    home = folder / "used"
    ignored = shutil.ignore_patterns("silos")
    shutil.copytree(municipality.workspace.folder, home, symlinks=True, ignore=ignored)
    town = TownInUse(Workspace.open(home), [Text("voorzet demo", municipality.screen)])
    somebody = _somebody(town.workspace)
    _campaign(town.workspace, folder / "export.csv")
    _mistakes(town, municipality, somebody, folder / "faulty")
    with (folder / "screen").open("w+b") as screen:
        with serving(town.workspace, screen) as address:
            _at_the_api(town, address, somebody)
            _at_the_pages(town, address, somebody)
            _when_things_break(town, address, somebody)
        screen.seek(0)
        town.said.append(Text("the server's screen", screen.read().decode()))
    return town


def _somebody(workspace: Workspace) -> Identity:
    """A citizen with a name, a number and a suggestion."""
    application = bootstrap(workspace)
    try:
        citizens = workspace.open_lake().scan("facts").select("citizen").unique().collect()
        for citizen in citizens["citizen"].sort():
            who = application.vault.read([citizen], purpose=PURPOSE, by=DESK).get(citizen)
            if who and who.identifier and who.name and _cards(application, citizen):
                return who
    finally:
        application.database.close()
    raise AssertionError("nobody in the municipality gets a suggestion")


def _cards(application: Any, citizen: int) -> bool:
    return bool(application.suggest(citizen, language="nl", purpose=PURPOSE, by=DESK).cards)


def _campaign(workspace: Workspace, export: Path) -> None:
    """Composed, drawn and exported; the export itself, which names people, is not kept."""
    campaigns, by = open_campaigns(workspace, None)
    wanted = Wanted("zorgtoeslag", "letter", 20, 0.4, 90, 5)
    at = moment(campaigns.lake, None)
    campaign = campaigns.compose(wanted, find_champion(workspace), as_of=at, by=by).campaign
    campaigns.draw(campaign.id, by=by)
    assert campaigns.export(campaign.id, export, by=by) > 0
    campaigns.database.close()
    export.unlink()


def _mistakes(town: TownInUse, municipality: Municipality, who: Identity, faulty: Path) -> None:
    """Commands that cannot be done: a number where a pseudonym belongs, faulty files."""
    _spoil(municipality.workspace.silos, faulty)
    for arguments in (
        ("suggest", "--citizen", str(who.identifier)),
        ("ingest", "--data", str(faulty)),
    ):
        ran = voorzet(*arguments, "--workspace", str(town.workspace.folder))
        assert ran.returncode == 1
        town.said.append(Text(f"voorzet {arguments[0]}", ran.stdout + ran.stderr))


def _spoil(silos: Path, folder: Path) -> None:
    """A register without a column that is needed, and a packed file that ends halfway."""
    (folder / "register").mkdir(parents=True)
    register = (silos / "register" / "personen.csv").read_bytes()
    (folder / "register" / "personen.csv").write_bytes(register.replace(b"Geboortedatum", b"Dag"))
    packed = next(path for path in sorted(silos.rglob("*.gz")))
    rows = b"\n".join(gzip.decompress(packed.read_bytes()).splitlines()[:200])
    (folder / packed.parent.name).mkdir(exist_ok=True)
    (folder / packed.parent.name / packed.name).write_bytes(gzip.compress(rows)[:-100])


@contextmanager
def _visiting(town: TownInUse, address: str) -> Iterator[httpx2.Client]:
    """A client whose addresses, and those in what it is answered, are kept."""

    def asked(request: httpx2.Request) -> None:
        town.addresses.append(str(request.url))

    def answered(answer: httpx2.Response) -> None:
        answer.read()
        town.statuses.append(answer.status_code)
        town.addresses.append(str(answer.headers))
        if answer.headers.get("content-type", "").startswith("text/html"):
            town.addresses.extend(ADDRESS.findall(answer.text))

    hooks: dict[str, list[Callable[..., None]]] = {"request": [asked], "response": [answered]}
    with httpx2.Client(
        base_url=address, follow_redirects=True, timeout=60, event_hooks=hooks
    ) as client:
        yield client


def _token(workspace: Workspace) -> str:
    return make_token(workspace, ROLES, subject=DESK.subject, name=DESK.name)


def _note(who: Identity) -> str:
    """What a caseworker might write."""
    return f"{who.name} ({who.identifier}) belde vanaf {who.phone}, woont {who.address}"


def _at_the_api(town: TownInUse, address: str, who: Identity) -> None:
    """Every question about somebody, and questions that cannot be answered."""
    with _visiting(town, address) as client:
        client.headers["Authorization"] = f"Bearer {_token(town.workspace)}"
        by_number = {"scheme": "bsn", "value": who.identifier}
        asked = {"identifier": by_number, "purpose": PURPOSE}
        for query in (who.identifier, who.name, f"{who.name} {who.birth_date}", "9999"):
            body = {"query": query, "purpose": PURPOSE}
            assert client.post("/v1/citizens/_search", json=body).status_code == 200
        for path in ("suggestions/_why-not", "timelines/_search", "persons/_search"):
            assert client.post(f"/v1/{path}", json=asked).status_code == 200
        found = client.post("/v1/suggestions/_search", json=asked).json()
        decision = {
            "suggestion": found["cards"][0]["id"],
            "outcome": "accepted",
            "comment": _note(who),
        }
        key = {"Idempotency-Key": "first"}
        assert client.post("/v1/decisions", json=decision, headers=key).status_code == 201
        assert client.post("/v1/objections", json=asked).status_code == 201
        assert client.post("/v1/looks/_search", json=asked).status_code == 200

        unknown = asked | {"identifier": by_number | {"value": _note(who)}}
        assert client.post("/v1/suggestions/_search", json=unknown).status_code in (400, 404)
        wrong = asked | {"purpose": _note(who), str(who.name): who.identifier}
        assert client.post("/v1/suggestions/_search", json=wrong).status_code == 400
        assert client.post("/v1/decisions", content=_note(who).encode()).status_code == 400
    # Somebody's own mistake is in their own address; it must not get into our log.
    with httpx2.Client(base_url=address) as careless:
        careless.get(f"/v1/citizens/{who.identifier}", params={"name": str(who.name)})
        careless.get(f"/search?query={who.identifier}", headers={"traceparent": _note(who)})


def _at_the_pages(town: TownInUse, address: str, who: Identity) -> None:
    """Log in, search by number and by name, open a view and its parts, decide, log out."""
    with _visiting(town, address) as client:
        _post(client, "/log-in", "/log-in", token=_token(town.workspace))
        _post(client, "/search", "/search", query=str(who.identifier), purpose=PURPOSE)
        found = _post(client, "/search", "/search", query=str(who.name), purpose=PURPOSE)
        assert str(who.name) in found.text
        view = next(one for one in ADDRESS.findall(found.text) if one.startswith("/view/"))
        page = client.get(view)
        assert str(who.name) in page.text
        for part in sorted(set(ADDRESS.findall(page.text))):
            if part.startswith(f"{view}/"):
                with suppress(httpx2.HTTPError):
                    client.get(part)
        _post(client, view, f"{view}/decide", outcome="overridden", service=str(who.name))
        _post(client, view, "/log-out")


def _post(client: httpx2.Client, page: str, path: str, **fields: str) -> httpx2.Response:
    """A form of ``page``, with the token that it carries."""
    token = FORM_TOKEN.search(client.get(page).text)
    assert token is not None
    answer = client.post(path, data={"form_token": token.group(1), **fields})
    assert answer.status_code == 200
    return answer


def _when_things_break(town: TownInUse, address: str, who: Identity) -> None:
    """Faults that nobody foresaw, while somebody is looked for: their stack traces are logged."""
    with _visiting(town, address) as client:
        client.headers["Authorization"] = f"Bearer {_token(town.workspace)}"
        client.headers["Connection"] = "close"  # as the server does after a fault
        asked = {"identifier": {"scheme": "bsn", "value": who.identifier}, "purpose": PURPOSE}
        with _without(town.workspace, "vault"):
            searched = {"query": who.name, "purpose": PURPOSE}
            assert client.post("/v1/citizens/_search", json=searched).status_code == 500
            assert client.post("/v1/persons/_search", json=asked).status_code == 500
        with _without(town.workspace, "objections"):
            assert client.post("/v1/suggestions/_search", json=asked).status_code == 500


@contextmanager
def _without(workspace: Workspace, table: str) -> Iterator[None]:
    """While a table of the database has gone."""
    path = workspace.database.removeprefix("sqlite:///")
    database = sqlite3.connect(path, isolation_level=None)
    database.execute(f"alter table {table} rename to elsewhere")
    yield
    database.execute(f"alter table elsewhere rename to {table}")
    database.close()
