"""What is known of the attachments of an issue."""

from jira_api import Jira
from jira_views import attachment_view
from st2common.runners.base_action import Action


class GetIssueAttachmentsAction(Action):
    def run(self, issue_key):
        found = Jira(self.config).issue(issue_key, ["attachment"])["fields"].get("attachment") or []
        return [attachment_view(attachment) for attachment in found]
