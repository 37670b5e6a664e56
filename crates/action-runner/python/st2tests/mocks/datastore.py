"""A datastore in memory."""

from petrel_worker.doubles import MockDatastoreService

__all__ = ["MockDatastoreService"]
