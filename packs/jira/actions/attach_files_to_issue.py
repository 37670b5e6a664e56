"""Attaches files to an issue."""

from jira_api import Jira
from jira_views import attachment_view
from st2common.runners.base_action import Action


class AttachFilesToIssueAction(Action):
    def run(self, file_paths, issue_key):
        jira = Jira(self.config)
        return [attachment_view(item) for path in file_paths for item in jira.attach(issue_key, path)]
