from base import GardenAction
from lib.bed import Bed


class Count(GardenAction):
    def run(self, rows):
        return self.answer(Bed(rows).sow("any")["plants"])
