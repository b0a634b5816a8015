"""Alembic's entry: runs the migrations on the connection that ``Database.migrate`` holds."""

from __future__ import annotations

from alembic import context

from serving.schema import tables

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=tables,
    render_as_batch=connection.dialect.name == "sqlite",
)
context.run_migrations()
