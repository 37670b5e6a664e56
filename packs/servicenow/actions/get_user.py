"""Finds a user by name."""

from servicenow_api import ServiceNow
from st2common.runners.base_action import Action


class GetUserAction(Action):
    def run(self, name):
        return ServiceNow(self.config).only("sys_user", user_name=name)
