"""Runs the unit tests of a pack with unittest, from the pack's folder, and says so where there are none.

    python -m petrel_worker.unit_tests [ARGUMENT OF UNITTEST]...
"""

from __future__ import annotations

import sys
import unittest
from collections.abc import Sequence

NOTHING = 5
"""The exit code that says: no test was run. It is pytest's."""

NOTHING_MESSAGE = (
    "no test was run: unittest takes methods `test_...` of classes that derive from `unittest.TestCase`, in files "
    "tests/test_*.py. For tests that are functions, write `pytest` into the pack's requirements-tests.txt."
)


def main(arguments: Sequence[str]) -> int:
    """Runs them; gives back the exit code."""
    argv = ["petrel pack test", "discover", "-v", "-s", "tests", *arguments]
    result = unittest.main(module=None, argv=argv, exit=False).result
    if not result.wasSuccessful():
        return 1
    if result.testsRun == 0 and not result.skipped:
        print(NOTHING_MESSAGE, file=sys.stderr)
        return NOTHING
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
