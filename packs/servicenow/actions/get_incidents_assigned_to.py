"""Finds the incidents that are assigned to a user."""

from servicenow_api import ServiceNow, encoded
from st2common.runners.base_action import Action


class GetIncidentsAssignedToAction(Action):
    def run(self, name, active=False):
        servicenow = ServiceNow(self.config)
        query = {"assigned_to": servicenow.only("sys_user", user_name=name)["sys_id"]}
        if active:
            query["active"] = True
        return servicenow.records("incident", encoded(query), limit=1000)
