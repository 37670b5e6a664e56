"""Deletes a record."""

from servicenow_api import ServiceNow
from st2common.runners.base_action import Action


class DeleteAction(Action):
    def run(self, table, sysid):
        ServiceNow(self.config).delete(table, sysid)
        return {"status": "record deleted"}
