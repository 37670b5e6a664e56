"""Attaches a file to an issue."""

from jira_api import Jira
from jira_views import attachment_view
from st2common.runners.base_action import Action


class AttachFileToIssueAction(Action):
    def run(self, file_path, issue_key, file_name=None):
        (made,) = Jira(self.config).attach(issue_key, file_path, file_name)
        return attachment_view(made)
