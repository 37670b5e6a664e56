"""The same again, so that there is something to share."""

from counter import Counter


class Third(Counter):
    pass
