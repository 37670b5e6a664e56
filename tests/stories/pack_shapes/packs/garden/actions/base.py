from st2common.runners.base_action import Action


class GardenAction(Action):
    def answer(self, plants):
        return {"plants": plants, "gardener": (self.config or {}).get("gardener", "nobody")}
