"""Errors of commands."""

from petrel_worker.client import ResourceNotFoundError

__all__ = ["ResourceNotFoundError"]
