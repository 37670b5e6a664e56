"""What went wrong for people, told in words alone: a traceback would say where in this pack, which helps nobody."""

import functools

from pack_api import ApiError
from petrel_worker.virtualenvs import BuildError
from sources import SourceError


def told(run):
    """An action's `run` that fails with the words of such an error as its result."""

    @functools.wraps(run)
    def telling(self, **parameters):
        try:
            return run(self, **parameters)
        except (ApiError, BuildError, SourceError) as error:
            return False, str(error)

    return telling
