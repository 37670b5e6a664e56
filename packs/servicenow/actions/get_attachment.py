"""What is known of an attachment."""

from servicenow_api import ServiceNow
from st2common.runners.base_action import Action


class GetAttachmentAction(Action):
    def run(self, sys_id):
        return ServiceNow(self.config).attachment(sys_id)
