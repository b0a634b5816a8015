"""The databases of sources: connections to read from, made of the workspace's URLs.

A URL holds a password. It is in no message and no log: a fault tells the name that the workspace
gives the database, and what kind of fault it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from serving.workspace import FILE, Workspace, WorkspaceError


@contextmanager
def source_database(workspace: Workspace, name: str) -> Iterator[Connection]:
    """A connection to the database ``name``. Its results are streamed; nothing is written.

    Raises
    ------
    WorkspaceError
        When the workspace has no such database, or it cannot be reached.
    """
    engine = _engine(workspace, name)
    try:
        connection = engine.connect().execution_options(stream_results=True)
    except DBAPIError as fault:
        raise WorkspaceError(
            f"the database {name!r} cannot be reached ({type(fault).__name__}): check its URL in "
            f"{FILE} (databases.{name}) and whether it can be reached from here"
        ) from None
    try:
        yield connection
    finally:
        connection.close()
        engine.dispose()


def _engine(workspace: Workspace, name: str) -> Engine:
    url = workspace.databases.get(name)
    if url is None:
        known = ", ".join(workspace.databases) or "none"
        raise WorkspaceError(
            f"the workspace has no database {name!r} (it has {known}): add its SQLAlchemy URL "
            f"under [databases] in {FILE}, or to VOORZET_DATABASES as a JSON object"
        )
    try:
        return create_engine(url.get_secret_value(), poolclass=NullPool, hide_parameters=True)
    except (ArgumentError, NoSuchModuleError, ImportError, ValueError) as fault:
        raise WorkspaceError(
            f"databases.{name}: it is no URL that can be used ({type(fault).__name__}): expected "
            "dialect+driver://user:password@host/name, and the driver installed"
        ) from None
