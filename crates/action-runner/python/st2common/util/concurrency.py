"""Waiting."""

import subprocess
import time

__all__ = ["get_subprocess_module", "sleep"]

sleep = time.sleep


def get_subprocess_module() -> object:
    """The standard library's."""
    return subprocess
