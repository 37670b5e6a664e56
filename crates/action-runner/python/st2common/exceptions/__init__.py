"""Exceptions that packs raise and catch."""

from st2common.exceptions.base import StackStormBaseException, StackStormDBObjectNotFoundError, StackStormPluginException

__all__ = ["StackStormBaseException", "StackStormDBObjectNotFoundError", "StackStormPluginException"]
