"""Where the API is."""

import os

from petrel_worker.client import DEFAULT_URL

__all__ = ["get_base_public_api_url", "get_full_public_api_url"]


def get_full_public_api_url(api_version: str = "v1") -> str:
    """With the version."""
    url = os.environ.get("ST2_ACTION_API_URL", DEFAULT_URL).rstrip("/")
    return url if url.endswith(f"/{api_version}") else f"{url}/{api_version}"


def get_base_public_api_url() -> str:
    """Without the version."""
    base, _, version = get_full_public_api_url().rpartition("/")
    return base if version == "v1" else f"{base}/{version}"
