"""What is known of attachments."""

from servicenow_api import ServiceNow, encoded
from st2common.runners.base_action import Action


class GetAttachmentsAction(Action):
    def run(self, table=None, sysid=None, limit=1000):
        wanted = {"table_name": table, "table_sys_id": sysid}
        query = encoded({name: value for name, value in wanted.items() if value})
        return ServiceNow(self.config).attachments(query or None, limit)
