"""No number, name or address of anybody is in lake, logs, addresses, MLflow, bundles or reports,
or unencrypted in the database: after real use, for everyone whom the simulator made.

The one exception is what is asked for: an answer to somebody who may see it.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from tests.conftest import Municipality
from tests.town_in_use import APART, TownInUse, people_of, use
from tests.traces import Text, Trace, Traces, texts_of

pytestmark = pytest.mark.slow("uses a municipality for real: commands, a server, a report, MLflow")


@pytest.fixture(scope="module")
def people(municipality: Municipality) -> pl.DataFrame:
    return people_of(municipality)


@pytest.fixture(scope="module")
def traces(people: pl.DataFrame) -> Traces:
    return Traces(people)


@pytest.fixture(scope="module")
def town(municipality: Municipality, tmp_path_factory: pytest.TempPathFactory) -> TownInUse:
    return use(municipality, tmp_path_factory.mktemp("privacy"))


def test_the_search_finds_everyone_where_people_may_stand(
    municipality: Municipality, people: pl.DataFrame, traces: Traces
) -> None:
    found = Counter(
        trace.kind for trace in traces.find(texts_of(municipality.workspace.silos / "register"))
    )
    assert found["bsn"] > 1500
    assert found["email"] > 1500
    assert found["phone"] > 1500
    assert found["name"] > 500
    assert found["address"] > 400
    assert found["bsn"] >= people["bsn"].n_unique()


def test_nobody_stands_in_the_workspace(town: TownInUse, traces: Traces) -> None:
    texts = list(texts_of(town.workspace.folder, apart=APART))
    places = " ".join(text.place for text in texts)
    for place in (
        "lake/events/", "lake/facts/", "lake/protected/", "lake/relations/", "lake/links/",
        "lake/quarantine/", "lake/loads/", "_delta_log", "logs/voorzet.log", "mlflow.db: params",
        "mlartifacts/", "MLmodel", "bundles/", ".html", ".json", "scores/", "voorzet.db",
        "voorzet.db: decisions.comment", "voorzet.db: vault.sealed", "voorzet.db: audit.action",
        "voorzet.db: campaign_members",
    ):  # fmt: skip
        assert place in places, f"nothing was looked at in {place}"
    assert traces.find(texts) == set()


def test_nobody_stands_in_an_address_or_on_a_screen(town: TownInUse, traces: Traces) -> None:
    assert len(town.addresses) > 100
    assert {200, 303, 400, 500} <= set(town.statuses)
    log = (town.workspace.logs / "voorzet.log").read_text(encoding="utf-8")
    assert "Traceback" in log, "what broke is in the log, with its stack trace"
    addresses = [Text(f"address {number}", one) for number, one in enumerate(town.addresses)]
    assert traces.find([*addresses, *town.said]) == set()


def _append(pattern: str) -> Callable[[Path, str], None]:
    def plant(folder: Path, secret: str) -> None:
        path = next(path for path in sorted(folder.glob(pattern)) if path.is_file())
        with path.open("a", encoding="utf-8") as file:
            file.write(f'\n{{"about": "{secret}"}}')

    return plant


def _cell(pattern: str, column: str) -> Callable[[Path, str], None]:
    """One value of a column of a table's file."""

    def plant(folder: Path, secret: str) -> None:
        path = next(iter(sorted(folder.glob(pattern))))
        frame = pl.read_parquet(path, hive_partitioning=False)
        value = pl.lit(secret).cast(frame.schema[column])
        first = pl.int_range(pl.len()) == 0
        values = pl.when(first).then(value).otherwise(column).alias(column)
        frame.with_columns(values).write_parquet(path)

    return plant


def _row(database: str, *statements: str) -> Callable[[Path, str], None]:
    """Statements that say ``:secret``, on a database."""

    def plant(folder: Path, secret: str) -> None:
        opened = sqlite3.connect(folder / database)
        for statement in statements:
            changed = opened.execute(statement, {"secret": secret}).rowcount
            assert changed != 0, statement
            opened.commit()
        opened.close()

    return plant


def _file_name(folder: Path, secret: str) -> None:
    (folder / "reports" / f"{secret}.html").touch()


KEPT = (
    "insert into approaches (id, citizen, choice, by, by_name, at)"
    " values ('x', 1, :secret, 'x', 'x', '2026-01-01')"
)
PLANTED: dict[str, tuple[str, Callable[[Path, str], None]]] = {
    "a text in the lake": ("lake/events/", _cell("lake/events/*/*.parquet", "case_id")),
    "a number in the lake": ("lake/facts/", _cell("lake/facts/*/*.parquet", "citizen")),
    "quarantine": ("lake/quarantine/", _cell("lake/quarantine/**/*.parquet", "source")),
    "the lake's own log": ("lake/loads/_delta_log", _append("lake/loads/_delta_log/*.json")),
    "the log": ("logs/", _append("logs/voorzet.log")),
    "an MLflow parameter": (
        "mlflow.db: params",
        _row("mlflow.db", "update params set value = :secret where key = 'signals'"),
    ),
    "an MLflow artifact": ("mlartifacts/", _append("mlartifacts/**/model_card.md")),
    "a bundle": ("bundles/", _append("bundles/*/manifest.json")),
    "a report": ("reports/", _append("reports/**/*.html")),
    "the scores": ("scores/", _cell("scores/*.parquet", "service")),
    "a text in the database": (
        "voorzet.db: slates.by",
        _row("voorzet.db", "update slates set by = :secret"),
    ),
    "a number in the database": (
        "voorzet.db: suggestions.citizen",
        _row("voorzet.db", "update suggestions set citizen = cast(:secret as integer)"),
    ),
    "bytes in the database": (
        "voorzet.db: decisions.comment",
        _row("voorzet.db", "update decisions set comment = cast(:secret as blob)"),
    ),
    "a deleted row": (
        "voorzet.db",
        _row(
            "voorzet.db",
            "pragma secure_delete = off",
            KEPT,
            "delete from approaches where citizen = 1",
        ),
    ),
    "the name of a file": ("reports/", _file_name),
}


def test_whatever_is_planted_is_found(
    town: TownInUse, people: pl.DataFrame, traces: Traces, tmp_path: Path
) -> None:
    """In every kind of place one number, each of somebody else."""
    home = tmp_path / "planted"
    shutil.copytree(town.workspace.folder, home, symlinks=True)
    secrets = people["bsn"].unique().sort().head(len(PLANTED)).to_list()
    planted = dict(zip(PLANTED, secrets, strict=True))
    for kind, secret in planted.items():
        PLANTED[kind][1](home, secret)
    screen = Text("screen", f"Fault: {secrets[0]}")
    found = traces.find([*texts_of(home, apart=APART), screen])
    for kind, secret in planted.items():
        place = PLANTED[kind][0]
        assert any(one.found == secret and one.place.startswith(place) for one in found), kind
    assert Trace("screen", "bsn", secrets[0]) in found
    assert {one.found for one in found} == set(secrets)
