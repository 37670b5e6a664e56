"""Assigns an incident to the user of this id."""

from servicenow_api import ServiceNow
from st2common.runners.base_action import Action


class SetIncidentOwnerAction(Action):
    def run(self, user_id, number):
        servicenow = ServiceNow(self.config)
        incident = servicenow.only("incident", number=number)
        return servicenow.update("incident", incident["sys_id"], {"assigned_to": user_id})
