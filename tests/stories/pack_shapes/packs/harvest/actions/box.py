from st2common.runners.base_action import Action


class Box(Action):
    def run(self, fruit):
        return True, {"count": len(fruit), "label": ", ".join(sorted(fruit))}
