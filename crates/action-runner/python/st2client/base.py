"""Clients that are configured as the command line is."""

from __future__ import annotations

from typing import Any

from petrel_worker.client import Client

__all__ = ["BaseCLIApp"]


class BaseCLIApp:
    """Makes clients from parsed arguments; what they do not say comes from the environment."""

    client: Any = None

    def get_client(self, args: Any, debug: bool = False) -> Client:
        """A client for these arguments."""
        names = ("base_url", "auth_url", "api_url", "stream_url", "api_version", "cacert", "token", "api_key")
        said = {name: getattr(args, name, None) for name in names}
        return Client(debug=debug, **{name: value for name, value in said.items() if value is not None})
