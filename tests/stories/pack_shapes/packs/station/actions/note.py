from st2common.runners.base_action import Action


class Note(Action):
    def run(self, text):
        self.action_service.set_value("last_note", text, local=False)
        return self.action_service.get_value("last_note", local=False)
