"""Items of the datastore."""

from petrel_worker.client import KeyValuePair

__all__ = ["KeyValuePair"]
