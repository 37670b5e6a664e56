"""Attaches a file to a record."""

from servicenow_api import ServiceNow
from st2common.runners.base_action import Action


class UploadAttachmentAction(Action):
    def run(self, table, sysid, file, name=None, content_type=None):
        return ServiceNow(self.config).attach(table, sysid, file, name, content_type)
