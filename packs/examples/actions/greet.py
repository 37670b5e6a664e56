"""The smallest Python action: parameters, configuration, a result."""

from st2common.runners.base_action import Action


class Greet(Action):
    def run(self, name, times):
        word = self.config.get("greeting", "Hello")
        is_signed = bool(self.config.get("signature"))
        self.logger.debug("greeting %s", name)
        # What is returned is the result; an object's members can be used in workflows, rules and chat.
        return {"text": ", ".join([f"{word} {name}"] * times), "signed": is_signed}
