"""The API's client."""

from petrel_worker.client import Client

__all__ = ["Client"]
