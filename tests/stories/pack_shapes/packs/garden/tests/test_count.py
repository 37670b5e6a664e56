from count import Count
from lib.bed import Bed
from st2tests.base import BaseActionTestCase


class CountTest(BaseActionTestCase):
    action_cls = Count

    def test_counts_the_plants(self):
        action = self.get_action_instance(config={"gardener": "Eve"})
        self.assertEqual(action.run(rows=2), {"plants": 20, "gardener": "Eve"})

    def test_a_bed_knows_latin(self):
        self.assertEqual(Bed(1).sow("carrot")["name"], "Daucus carota")
