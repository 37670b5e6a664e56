"""What all of them are."""

from petrel_worker.client import Resource, ResourceManager

__all__ = ["Resource", "ResourceManager"]
