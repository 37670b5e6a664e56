"""What other exceptions derive from."""


class StackStormBaseException(Exception):
    """Any."""


class StackStormPluginException(StackStormBaseException):
    """Of plugins."""


class StackStormDBObjectNotFoundError(StackStormBaseException):
    """Something is not there."""
