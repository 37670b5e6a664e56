from st2common.runners.base_action import Action


class Ring(Action):
    def run(self, door):
        rung = int(self.action_service.get_value(door) or 0) + 1
        self.action_service.set_value(door, str(rung))
        if rung % 3:
            return False, "nobody opens"
        return True, "opened after %d" % rung
