"""A small office: a pack of one page, a few hundred people in real files, a real model.

Everything goes the way it goes in production: deliveries through ingest into a lake, identities
into the vault, heads of LightGBM in a bundle that the champion's pointer names.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import lightgbm as lgb
import numpy as np

from features.catalogue import Objective
from features.ingest import ingest
from features.lake import Lake
from features.pack import Pack
from features.snapshot import dictionary, population
from models.bundle import Bundle
from models.heads import Head, Prior, Trees
from models.matrix import Columns
from serving.bootstrap import bootstrap
from serving.security import Caller, Role
from serving.workspace import FILE, Workspace

NOW = datetime(2026, 6, 1, 10, tzinfo=UTC)
KIM = Caller("kim", "Kim Caseworker", frozenset({Role.CASEWORKER}))
OLA = Caller("ola", "Ola Outreach", frozenset({Role.OUTREACH}))
AUDITOR = Caller("ann", "Ann Auditor", frozenset({Role.AUDITOR}))
PURPOSE = "support"

PACK = Path(__file__).parent / "office_pack"


def bsn(number: int) -> str:
    """A BSN that passes the 11-test, in the order of ``number``."""
    for base in range(10_000_000 + number * 20, 10_000_000 + number * 20 + 20):
        digits = f"{base:08d}"
        rest = sum(int(digit) * (9 - place) for place, digit in enumerate(digits)) % 11
        if rest < 10:
            return digits + str(rest)
    raise AssertionError("twenty numbers in a row have one that passes")


@dataclass(frozen=True)
class Somebody:
    """One person as the register delivers them, and what happened at the desk."""

    number: str
    name: str
    born: date
    income: int
    savings: int | None
    home: str = "rent"
    disabled: bool = False
    hidden: bool = False
    phone: str = ""
    events: list[tuple[str, date, str]] = field(default_factory=list)


def day(days_ago: int) -> date:
    """So many days before the date of the tests."""
    return (NOW - timedelta(days=days_ago)).date()


JANSEN = Somebody(
    bsn(1), "Jansen, A.", date(1957, 1, 2), 15_000, None, events=[("separated", day(20), "")]
)
"""Separated three weeks ago, poor, savings unknown; past pension age."""
VRIES = Somebody(
    bsn(2),
    "Vries, B. de",
    date(1980, 5, 5),
    50_000,
    90_000,
    home="own",
    hidden=True,
    phone="0600000002",
)
"""Well off, in a home of their own, at a hidden address."""
BAKKER = Somebody(
    bsn(3), "Bakker, C.", date(1990, 6, 6), 9_000, 100, disabled=True,
    events=[
        ("applied", day(400), "top-up"), ("granted", day(380), "top-up"),
        ("called", day(20), ""), ("called", day(15), ""), ("called", day(10), ""),
        ("called", day(8), ""), ("called", day(5), ""),
    ],
)  # fmt: skip
"""Has the top-up, is disabled, and calls again and again."""
VISSER = Somebody(
    bsn(4), "Visser, D.", date(1975, 7, 7), 12_000, 100, events=[("bereaved", day(10), "")]
)
"""Lost their partner ten days ago."""

REPRESENTED = f"""bsn,kind,by,since,until
{BAKKER.number},guardian,{bsn(100)},2024-03-01,
{VISSER.number},guardian,,2024-03-01,2027-03-01
{VISSER.number},proxy,{VRIES.number},2025-03-01,
{bsn(102)},guardian,{bsn(101)},2020-03-01,2025-03-01
"""
"""A guardian from the crowd; one without a name, beside a proxy at a hidden address; and one in
the crowd whose guardianship ended."""


class Office:
    """A workspace in ``folder`` with its application, as seen at :data:`NOW`.

    ``database`` is the address of another database than the file in the folder, ``pack`` another
    pack than the office's own.
    """

    def __init__(
        self, folder: Path, *, crowd: int = 200, database: str | None = None, pack: Path = PACK
    ) -> None:
        self.workspace = Workspace.init(folder / "workspace", pack)
        if database is not None:
            with (self.workspace.folder / FILE).open("a", encoding="utf-8") as settings:
                settings.write(f'database = "{database}"\n')
            self.workspace = Workspace.open(self.workspace.folder)
        self.people = [JANSEN, VRIES, BAKKER, VISSER, *_crowd(crowd)]
        self.application = bootstrap(self.workspace, now=lambda: NOW)
        self.pack: Pack = self.application.pack
        _deliver(self.workspace.silos, self.people)
        self.lake: Lake = self.workspace.open_lake()
        self.report = ingest(
            self.pack,
            self.lake,
            self.workspace.pseudonyms(),
            self.workspace.silos,
            now=NOW,
            identities=self.application.vault.store,
        )
        self.bundle = _bundle(self.pack, self.lake)
        folder_of_bundle = self.bundle.write(self.workspace.bundles / self.bundle.version)
        self.workspace.champion.symlink_to(folder_of_bundle.name)

    def citizen(self, somebody: Somebody) -> int:
        """The pseudonym of a person."""
        return self.workspace.pseudonyms().one("bsn", somebody.number)

    def token(self, caller: Caller) -> str:
        """A bearer token."""
        return self.application.tokens.issue(caller)


def _crowd(count: int) -> list[Somebody]:
    draw = random.Random(7)
    return [
        Somebody(
            bsn(100 + number),
            f"Crowd{number}, X.",
            date(draw.randint(1940, 2004), 3, 3),
            draw.randint(5, 60) * 1000,
            draw.choice([None, 100, 90_000]),
            home=draw.choice(["rent", "own"]),
            phone=f"06{number:08d}",
            events=[("called", day(draw.randint(1, 300)), "") for _ in range(draw.randint(0, 3))],
        )
        for number in range(count)
    ]


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _deliver(silos: Path, people: list[Somebody]) -> None:
    rows = ["bsn,name,born,city,street,phone,hidden,income,savings,home,disabled,since,known"]
    events = ["id,bsn,type,at,service"]
    for one in people:
        savings = "" if one.savings is None else one.savings
        hidden, disabled = str(one.hidden).lower(), str(one.disabled).lower()
        rows.append(
            f'{one.number},"{one.name}",{one.born},Voorbeeldstad,Dorpsstraat 1,'
            f"{one.phone},{hidden},{one.income},{savings},{one.home},{disabled},2025-01-01,2025-02-20"
        )
        for kind, at, service in one.events:
            events.append(f"{len(events)},{one.number},{kind},{at},{service}")
    _write(silos / "register" / "people.csv", "\n".join(rows) + "\n")
    _write(silos / "register" / "representatives.csv", REPRESENTED)
    _write(silos / "desk" / "events.csv", "\n".join(events) + "\n")


def _bundle(pack: Pack, lake: Lake) -> Bundle:
    """Heads for all services but one: trees for top-up (both questions), priors for the rest."""
    columns = Columns.of(dictionary(pack))
    parts = [snapshot.signals for snapshot in population(lake, pack, NOW)]
    matrix = np.concatenate([columns.matrix(part) for part in parts if part.height])
    draw = np.random.default_rng(3)
    income = matrix[:, columns.names.index("fact_income")]
    poor = (income + draw.normal(0, 8000, len(income)) < 20_000).astype(float)
    able = (income + draw.normal(0, 8000, len(income)) > 12_000).astype(float)
    heads = {
        name: Head(
            service=name,
            objective=service.objective,
            horizon_days=180,
            outcome="granted",
            unaided=Prior(eligible=0.2, unknown=0.1),
            entitled=Prior(eligible=1.0, unknown=0.5)
            if service.objective is Objective.UNMET_NEED
            else None,
        )
        for name, service in pack.services.items()
        if name != "coffee"
    }
    heads["top-up"] = Head(
        service="top-up",
        objective=Objective.UNMET_NEED,
        horizon_days=180,
        outcome="granted",
        unaided=_trees(matrix, poor * able, columns),
        entitled=_trees(matrix, poor, columns),
    )
    return Bundle("office", pack.checksum, NOW, columns, heads)


def _trees(matrix: np.ndarray, label: np.ndarray, columns: Columns) -> Trees:
    data = lgb.Dataset(matrix, label, categorical_feature=columns.category_positions)
    settings = {
        "objective": "binary",
        "num_leaves": 7,
        "min_data_in_leaf": 10,
        "num_threads": 1,
        "verbosity": -1,
        "seed": 1,
    }
    return Trees(lgb.train(settings, data, num_boost_round=20).model_to_string())
