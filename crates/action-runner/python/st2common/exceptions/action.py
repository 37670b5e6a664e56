"""Of actions."""

from st2common.exceptions.base import StackStormBaseException

__all__ = ["InvalidActionParameterException", "InvalidActionReferencedException", "ParameterRenderingFailedException"]


class InvalidActionReferencedException(StackStormBaseException):
    """An action that is not there."""


class InvalidActionParameterException(StackStormBaseException):
    """A parameter that does not fit."""


class ParameterRenderingFailedException(StackStormBaseException):
    """A parameter whose template failed."""
