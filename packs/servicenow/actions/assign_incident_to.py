"""Assigns an incident to the user of this name."""

from servicenow_api import ServiceNow
from st2common.runners.base_action import Action


class AssignIncidentToAction(Action):
    def run(self, name, number):
        servicenow = ServiceNow(self.config)
        user = servicenow.only("sys_user", user_name=name)
        incident = servicenow.only("incident", number=number)
        return servicenow.update("incident", incident["sys_id"], {"assigned_to": user["sys_id"]})
