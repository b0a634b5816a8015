"""The database: its migrations make the declared tables, and transactions are whole."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import delete, func, insert, select
from sqlalchemy.exc import IntegrityError, StatementError

import serving
from serving.database import Database, newest
from serving.schema import audit_head, objections, suggestions, tables


@pytest.fixture(scope="module")
def migrated(address: str) -> Iterator[Database]:
    database = Database(address)
    database.migrate()
    yield database
    database.close()


@pytest.fixture
def database(migrated: Database) -> Database:
    """A database of either kind, with the tables of now and no objections."""
    with migrated.write() as connection:
        connection.execute(delete(objections))
    return migrated


def objection(**changes: object) -> dict[str, object]:
    row = {"id": uuid4(), "citizen": -(2**63), "by": "kim", "at": datetime.now(UTC)}
    return row | changes


def test_migrations_make_the_declared_tables(database: Database) -> None:
    with database.read() as connection:
        ours = set(tables.tables)
        context = MigrationContext.configure(
            connection,
            opts={
                "include_name": lambda name, kind, parents: kind != "table" or name in ours,
            },
        )
        assert compare_metadata(context, tables) == []
        assert connection.execute(select(audit_head.c.hash)).scalar_one() == bytes(32)


def test_migrating_again_changes_nothing(database: Database) -> None:
    assert database.is_current()
    database.migrate()
    assert database.is_current()


def test_the_newest_migration_is_the_one_that_alembic_ends_with() -> None:
    steps = ScriptDirectory(str(Path(serving.__file__).parent / "migrations"))
    assert steps.get_heads() == [newest()]


def test_a_fresh_database_is_not_current(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'other.db'}")
    assert database.answers()
    assert not database.is_current()
    database.close()


def test_pseudonyms_of_64_bits_and_moments_come_back_as_they_were(database: Database) -> None:
    moment = datetime(2026, 11, 23, 12, 30, 1, 5, tzinfo=UTC)
    with database.write() as connection:
        connection.execute(insert(objections), [objection(at=moment)])
    with database.read() as connection:
        row = connection.execute(select(objections)).one()
    assert (row.citizen, row.at) == (-(2**63), moment)


def test_a_moment_without_time_zone_is_refused(database: Database) -> None:
    with database.write() as connection, pytest.raises(StatementError):
        connection.execute(insert(objections), [objection(at=datetime(2026, 1, 1))])  # noqa: DTZ001


def test_a_transaction_is_whole_or_nothing(database: Database) -> None:
    row = objection()
    with pytest.raises(IntegrityError), database.write() as connection:
        connection.execute(insert(objections), [row, row])
    with database.read() as connection:
        assert connection.execute(select(func.count()).select_from(objections)).scalar_one() == 0


def test_a_suggestion_needs_its_slate(database: Database) -> None:
    row = {"id": uuid4(), "slate": uuid4(), "citizen": 1, "service": "aio", "kind": "service"}
    row |= {"shown": True, "group": "now", "explored": False}
    with pytest.raises(IntegrityError), database.write() as connection:
        connection.execute(insert(suggestions), [row])
