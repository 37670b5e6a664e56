"""Lists the users whose attributes are as given."""

import fnmatch

import slack_api
from st2common.runners.base_action import Action


class UsersFilterByAction(Action):
    def run(self, end_point, http_method, attributes=None, token=None):
        users = slack_api.call_for_all(self.config, end_point, {}, token).get("members", [])
        return [
            user for user in users if all(_fits(user.get(name), value) for name, value in (attributes or {}).items())
        ]


def _fits(found, wanted):
    if isinstance(found, str) and isinstance(wanted, str):
        return fnmatch.fnmatchcase(found, wanted)
    return found == wanted
