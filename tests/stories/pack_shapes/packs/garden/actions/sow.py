from bed import Bed


class Sow(object):
    """No class of StackStorm's: whatever has `run` will do."""

    def __init__(self, config=None, action_service=None):
        self.config = config

    def run(self, name, rows=3):
        return Bed(rows).sow(name)
