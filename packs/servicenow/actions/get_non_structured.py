"""Finds records by an encoded query."""

from servicenow_api import ServiceNow
from st2common.runners.base_action import Action


class GetNonStructuredAction(Action):
    def run(self, table, query, limit=1000, fields=None):
        return ServiceNow(self.config).records(table, query, limit, fields)
