"""Changes members of a record."""

from servicenow_api import ServiceNow
from st2common.runners.base_action import Action


class UpdateAction(Action):
    def run(self, table, sysid, payload):
        return ServiceNow(self.config).update(table, sysid, payload)
