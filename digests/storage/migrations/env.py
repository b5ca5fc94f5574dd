"""Run migrations for Alembic, on the connection that `digests.storage.migrate` passes in."""

from alembic import context

from digests.storage.schema.base import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
