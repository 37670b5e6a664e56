"""The datastore."""

from petrel_worker.datastore import ActionDatastoreService, BaseDatastoreService

__all__ = ["ActionDatastoreService", "BaseDatastoreService"]
