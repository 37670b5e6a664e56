"""What several actions need stands in the pack's folder `lib`."""

from example_words import slug
from st2common.runners.base_action import Action


class Slug(Action):
    def run(self, text):
        made = slug(text)
        if not made:
            # The traceback goes to `stderr`, and the execution fails.
            raise ValueError(f"nothing is left of {text!r}")
        return made
