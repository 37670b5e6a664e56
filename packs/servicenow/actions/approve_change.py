"""Approves a change request."""

from servicenow_api import ServiceNow
from st2common.runners.base_action import Action


class ApproveChangeAction(Action):
    def run(self, number):
        servicenow = ServiceNow(self.config)
        change = servicenow.only("change_request", number=number)
        return servicenow.update("change_request", change["sys_id"], {"approval": "approved"})
