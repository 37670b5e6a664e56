"""Creates a record."""

from servicenow_api import ServiceNow
from st2common.runners.base_action import Action


class CreateRecordAction(Action):
    def run(self, table, payload):
        return ServiceNow(self.config).create(table, payload)
