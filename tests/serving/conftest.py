"""The small office, made once for all tests of serving that do not change it for others; and the
databases that it can be kept in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.serving.office import Office
from tests.serving.postgres import Cluster, programs


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL server for the whole session."""
    if programs() is None:
        pytest.skip("no PostgreSQL: its programs (initdb, pg_ctl) are not installed here")
    made = Cluster()
    try:
        made.make()
        yield made
    finally:
        made.throw_away()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A new, empty database of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path_factory.mktemp('database') / 'voorzet.db'}"
    cluster: Cluster = request.getfixturevalue("cluster")
    return cluster.database()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A workspace with people, identities and a champion."""
    made = Office(tmp_path_factory.mktemp("office"))
    yield made
    made.application.database.close()


@pytest.fixture(scope="module")
def any_office(tmp_path_factory: pytest.TempPathFactory, address: str) -> Iterator[Office]:
    """The same, once in each kind of database."""
    made = Office(tmp_path_factory.mktemp("office"), database=address)
    yield made
    made.application.database.close()
