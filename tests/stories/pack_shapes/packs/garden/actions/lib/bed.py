import seeds


class Bed(object):
    def __init__(self, rows):
        self._rows = rows

    def sow(self, name):
        return {"plants": self._rows * seeds.PER_ROW, "name": seeds.latin(name)}
