"""Finds records by the values of their members."""

from servicenow_api import ServiceNow, encoded
from st2common.runners.base_action import Action


class GetAction(Action):
    def run(self, table, query, limit=1000, fields=None):
        return ServiceNow(self.config).records(table, encoded(query), limit, fields)
