"""Calls the method of Slack's Web API that the action's metadata names."""

import slack_api
from st2common.runners.base_action import Action


class RunAction(Action):
    def run(self, end_point, http_method, token=None, all_pages=False, **arguments):
        if all_pages:
            for name in ("limit", "cursor"):
                arguments.pop(name, None)
            return slack_api.call_for_all(self.config, end_point, arguments, token)
        return slack_api.call(self.config, end_point, http_method, arguments, token)
