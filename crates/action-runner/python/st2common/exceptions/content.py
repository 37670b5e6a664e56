"""Of what packs contain."""

from petrel_worker.alias import ParseException
from st2common.exceptions.base import StackStormBaseException

__all__ = ["InvalidContentException", "ParseException"]


class InvalidContentException(StackStormBaseException):
    """Metadata that is not right."""
