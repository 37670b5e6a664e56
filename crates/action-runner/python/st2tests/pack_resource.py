"""What the tests of all parts of packs have."""

from __future__ import annotations

import inspect
import os
from unittest import TestCase

__all__ = ["BasePackResourceTestCase"]


class BasePackResourceTestCase(TestCase):
    """A test of a part of a pack, in the pack's folder `tests`."""

    def get_fixture_content(self, fixture_path: str) -> str:
        """The text of a file in the pack's folder `tests/fixtures`."""
        path = os.path.join(self._get_base_pack_path(), "tests", "fixtures", fixture_path)
        with open(path, encoding="utf-8") as file:
            return file.read()

    def _get_base_pack_path(self) -> str:
        tests = os.path.dirname(os.path.abspath(inspect.getfile(type(self))))
        return os.path.dirname(tests)
