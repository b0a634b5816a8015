"""The database's history: one file a step, run in order by ``Database.migrate``."""
